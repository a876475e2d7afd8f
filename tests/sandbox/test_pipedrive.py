"""Pipedrive's emulation, driven by our own connector as production builds it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors import connect, door
from connectors.contract import BookingRequest, Connector, StoredWebhook, WebhookRequest
from connectors.errors import BadSignature, ConnectorError
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status
from tests.sandbox.conftest import Gateway, Json, Received, Running
from tests.sandbox.test_specs import SPECS, faults

# The spec names no field that may be null, but the vendor's examples show unset ones as null.
SLUG, UNSET = "pipedrive", "None is not of type"
Serve = Callable[..., Running]


@pytest.fixture
def town(serve: Serve) -> Running:
    return serve(platforms=("pipedrive",))


def ours(town: Running, *, without: str = "", **settings: str) -> Connector:
    entry = town.connection("pipedrive")
    credentials = {name: one for name, one in entry["credentials"].items() if name != without}
    settings = {**entry["settings"], **settings}
    return connect("pipedrive", entry["base_url"], settings, credentials)


def poll(
    found_by: Connector, cursor: str | None = None
) -> tuple[list[Appointment], list[str], str]:
    pages = list(found_by.poll_changes(cursor))
    found = [one for page in pages for one in page.appointments]
    return found, [one for page in pages for one in page.gone], pages[-1].cursor


def later() -> Slot:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=5)
    return Slot(start, start + timedelta(minutes=45))


def activity(town: Running, identity: str) -> Json:
    rows = town.state()["pipedrive"]["activities"]
    return next(dict(row) for row in rows if str(row["id"]) == identity)


def watched(town: Running, gateway: Gateway) -> Connector:
    pipedrive = ours(town)
    [secret] = town.connection("pipedrive")["webhook_secrets"]
    pipedrive.watch(f"{gateway.url}/hooks/pipedrive", secret, None)
    return pipedrive


def at_the_door(town: Running, hook: Received) -> list[Any]:
    """What our gateway makes of it."""
    [secret] = town.connection("pipedrive")["webhook_secrets"]
    connector = door("pipedrive", {})
    request = WebhookRequest("POST", "https://gw.example.com", hook.headers, hook.body)
    assert connector.verify(request, [secret.encode()]).dedupe_key
    with pytest.raises(BadSignature):
        connector.verify(request, [b"another"])
    kept = StoredWebhook("", "", hook.headers, hook.body, datetime.now(UTC))
    return list(connector.translate(kept))


def test_every_person_of_the_town_has_the_same_meeting_as_elsewhere(town: Running) -> None:
    found, gone, _ = poll(ours(town))
    elsewhere = town.state()["acuity"]["appointments"]
    assert gone == []
    assert {(one.person.phone, one.person.email) for one in found} == {
        (one["phone"], one["email"]) for one in elsewhere
    }
    assert sorted(one.starts_at for one in found) == sorted(
        datetime.fromisoformat(one["datetime"]).astimezone(UTC) for one in elsewhere
    )


def test_pages_and_bursts_leave_nothing_out(serve: Serve) -> None:
    town = serve(platforms=("pipedrive",), clients=130, limits=True)
    assert len({one.id for one in poll(ours(town))[0]}) == 130
    calls = town.http.get("/_control/traffic?platform=pipedrive").json()["calls"]
    assert [call for call in calls if call["status"] == 429] == []


def test_a_deleted_activity_is_told_by_webhook(town: Running, gateway: Gateway) -> None:
    pipedrive = watched(town, gateway)
    lost = poll(pipedrive)[0][0]
    town.act(f"/pipedrive/{lost.id}/cancel")
    [told] = at_the_door(town, gateway.wait(1, "/hooks/pipedrive")[0])
    assert isinstance(told, Change)
    assert (told.kind, told.appointment_id) == (ChangeKind.CANCELLED, lost.id)
    assert pipedrive.fetch_appointment(lost.id).status is Status.CANCELLED


def test_a_missed_activity_is_found_by_polling_and_by_webhook(
    town: Running, gateway: Gateway
) -> None:
    pipedrive = watched(town, gateway)
    first, _, cursor = poll(pipedrive)
    town.act(f"/pipedrive/{first[0].id}/missed")
    seen = {one.id: one.status for one in poll(pipedrive, cursor)[0]}
    assert seen[first[0].id] is Status.NOSHOW
    [told] = at_the_door(town, gateway.wait(1, "/hooks/pipedrive")[0])
    assert told.kind is ChangeKind.MOVED


def test_a_missed_one_is_followed_by_a_new_one_with_the_same_links(town: Running) -> None:
    pipedrive = ours(town)
    first = poll(pipedrive)[0][0]
    town.act(f"/pipedrive/{first.id}/missed")
    slot = later()
    made = pipedrive.move(first.id, slot)
    assert made != first.id
    assert pipedrive.move(first.id, slot) != first.id
    now = pipedrive.fetch_appointment(made)
    assert (now.starts_at, now.ends_at, now.status) == (slot.starts_at, slot.ends_at, Status.BOOKED)
    assert now.person == first.person
    old, new = activity(town, first.id), activity(town, made)
    assert (old["done"], new["deal_id"], new["owner_id"]) == (True, old["deal_id"], old["owner_id"])


def test_an_open_one_moves_in_place(town: Running) -> None:
    pipedrive = ours(town)
    first = poll(pipedrive)[0][0]
    slot = later()
    assert pipedrive.move(first.id, slot, version=first.version) == first.id
    assert pipedrive.fetch_appointment(first.id).starts_at == slot.starts_at
    assert len(town.state()["pipedrive"]["activities"]) == 12


def test_a_new_one_is_found_by_our_reference(town: Running) -> None:
    pipedrive = ours(town)
    was = poll(pipedrive)[0][0]
    town.act(f"/pipedrive/{was.id}/cancel")
    request = BookingRequest(later(), was.person, was.service, was.service_id, was.zone, was=was.id)
    assert pipedrive.find_booking(request, our_ref="intent-1") is None
    made = pipedrive.book(request, our_ref="intent-1")
    assert pipedrive.find_booking(request, our_ref="intent-1") == made
    now = pipedrive.fetch_appointment(made)
    assert (now.ours, now.person, now.status) == ("intent-1", was.person, Status.BOOKED)


def test_a_word_for_missed_is_written_and_read(town: Running) -> None:
    pipedrive = ours(town, noshow_values="12")
    first = poll(pipedrive)[0][0]
    pipedrive.mark_noshow(first.id)
    assert activity(town, first.id)["outcome"] == 12
    assert pipedrive.fetch_appointment(first.id).status is Status.NOSHOW


def test_notes_tasks_hooks_and_cancellations_are_made_once(town: Running, gateway: Gateway) -> None:
    pipedrive = watched(town, gateway)
    one, other = (found.id for found in poll(pipedrive)[0][:2])
    for _ in range(2):
        pipedrive.annotate(one, "Rebook: new times were offered")
        pipedrive.create_task("Call back", "a client", our_ref="intent-1")
        pipedrive.cancel(other, "rebooked")
        watched(town, gateway)
    state = town.state()["pipedrive"]
    assert activity(town, one)["note"] == "Rebook: new times were offered"
    assert [row["subject"] for row in state["activities"] if row["type"] == "task"] == ["Call back"]
    assert activity(town, other)["is_deleted"]
    assert len(state["webhooks"]) == 1


def test_what_is_open_is_busy(town: Running) -> None:
    pipedrive = ours(town)
    one = poll(pipedrive)[0][0]
    hour = timedelta(hours=1)
    busy = pipedrive.busy_times(one.calendar, one.starts_at - hour, one.ends_at + hour)
    assert (one.starts_at, one.ends_at) in [(b.starts_at, b.ends_at) for b in busy]


def test_an_app_gets_in_with_a_token_from_its_own_name_and_secret(town: Running) -> None:
    assert ours(town, without="api_token").check() == "Shore Studio"
    with pytest.raises(ConnectorError):
        connect(
            "pipedrive", town.connection("pipedrive")["base_url"], {}, {"api_token": "x"}
        ).check()


@pytest.mark.skipif(not SPECS.is_dir(), reason="the vendors' specs are not here: set REBOOK_SPECS")
def test_its_answers_are_as_the_spec_says(town: Running) -> None:
    entry = town.connection("pipedrive")
    headers = {"x-api-token": entry["credentials"]["api_token"]}
    with httpx.Client(base_url=f"{entry['base_url']}/api/v2", headers=headers, timeout=60) as http:
        one = http.get("/activities").json()["data"][0]["id"]
        answers = {
            ("/activities", "get"): http.get("/activities"),
            ("/activities", "post"): http.post("/activities", json={"subject": "x"}),
            ("/activities/{id}", "get"): http.get(f"/activities/{one}"),
            ("/activities/{id}", "patch"): http.patch(f"/activities/{one}", json={"done": True}),
            ("/activities/{id}", "delete"): http.delete(f"/activities/{one}"),
            ("/persons/{id}", "get"): http.get("/persons/61"),
        }
        assert http.patch(f"/activities/{one}", json={"note": "x"}).status_code == 404
        assert http.post("/activities", json={"when": "x"}).status_code == 400
    seen = [fault for key, answer in answers.items() for fault in faults(SLUG, *key, answer)]
    assert [fault for fault in seen if not fault.partition(": ")[2].startswith(UNSET)] == []
