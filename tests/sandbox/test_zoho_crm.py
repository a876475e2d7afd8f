"""Zoho CRM's emulation, driven by our own connector as production builds it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors import connect, door
from connectors.contract import BookingRequest, Connector, StoredWebhook, WebhookRequest
from connectors.errors import BadSignature, NotAllowed, NotFound, TooMany
from connectors.oauth import MemoryTokens
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status
from tests.sandbox.conftest import Gateway, Json, Received, Running
from tests.sandbox.test_specs import SPECS, faults, spec

# The spec's answers are one of two shapes that require nothing, so that every answer is both.
EITHER = "is valid under each of"
Serve = Callable[..., Running]


@pytest.fixture
def town(serve: Serve) -> Running:
    return serve(platforms=("zoho_crm",))


def ours(town: Running, tokens: MemoryTokens | None = None, **credentials: str) -> Connector:
    entry = town.connection("zoho-crm")
    given = {**entry["credentials"], **credentials}
    return connect("zoho_crm", entry["base_url"], entry["settings"], given, tokens=tokens)


def poll(zoho: Connector, cursor: str | None = None) -> tuple[list[Appointment], list[str], str]:
    pages = list(zoho.poll_changes(cursor))
    found = {one.id: one for page in pages for one in page.appointments}
    return list(found.values()), [one for page in pages for one in page.gone], pages[-1].cursor


def later(one: Appointment) -> Slot:
    return Slot(one.starts_at + timedelta(days=20), one.ends_at + timedelta(days=20))


def record(town: Running, identity: str) -> Json:
    rows = town.state()["zoho_crm"]["appointments"]
    return next(dict(row) for row in rows if row["id"] == identity)


def watched(town: Running, gateway: Gateway) -> Connector:
    zoho = ours(town)
    [secret] = town.connection("zoho-crm")["webhook_secrets"]
    zoho.watch(f"{gateway.url}/hooks/zoho-crm", secret, None)
    return zoho


def at_the_door(town: Running, hook: Received) -> list[Any]:
    """What our gateway makes of it."""
    [secret] = town.connection("zoho-crm")["webhook_secrets"]
    kind = "function" if hook.path.endswith("/function") else ""
    connector = door("zoho_crm", {})
    request = WebhookRequest("POST", "https://gw.example.com", hook.headers, hook.body, kind)
    connector.verify(request, [secret.encode()])
    with pytest.raises(BadSignature):
        connector.verify(request, [b"another"])
    kept = StoredWebhook(kind, "", hook.headers, hook.body, datetime.now(UTC))
    return list(connector.translate(kept))


def test_every_person_of_the_town_has_the_same_appointment_as_elsewhere(town: Running) -> None:
    found, gone, _ = poll(ours(town))
    elsewhere = town.state()["acuity"]["appointments"]
    assert gone == []
    assert {(one.person.phone, one.person.email) for one in found} == {
        (one["phone"], one["email"]) for one in elsewhere
    }
    assert sorted((one.starts_at, one.ends_at - one.starts_at) for one in found) == sorted(
        (
            datetime.fromisoformat(one["datetime"]).astimezone(UTC),
            timedelta(minutes=int(one["duration"])),
        )
        for one in elsewhere
    )


def test_the_list_comes_in_pages_and_nothing_is_left_out(serve: Serve) -> None:
    town = serve(platforms=("zoho_crm",), clients=450)
    assert len(poll(ours(town))[0]) == 450


def test_a_cancelled_one_is_found_by_polling_and_told_by_channel_and_function(
    town: Running, gateway: Gateway
) -> None:
    zoho = watched(town, gateway)
    first, _, cursor = poll(zoho)
    town.act(f"/zoho_crm/{first[0].id}/cancel")
    seen = {one.id: one for one in poll(zoho, cursor)[0]}
    assert (seen[first[0].id].status, seen[first[0].id].by_client) == (Status.CANCELLED, True)
    hooks = gateway.wait(2, "/hooks/zoho-crm")
    told = [change for hook in hooks for change in at_the_door(town, hook)]
    assert {type(one) for one in told} == {Change}
    assert {(one.kind, one.appointment_id) for one in told} == {
        (ChangeKind.MOVED, first[0].id),
        (ChangeKind.CANCELLED, first[0].id),
    }


def test_a_deleted_one_is_told_by_its_channel(town: Running, gateway: Gateway) -> None:
    zoho = watched(town, gateway)
    lost = poll(zoho)[0][0].id
    town.act(f"/zoho_crm/{lost}/delete")
    [told] = at_the_door(town, gateway.wait(1, "/hooks/zoho-crm")[0])
    assert (told.kind, told.appointment_id) == (ChangeKind.CANCELLED, lost)
    with pytest.raises(NotFound):
        zoho.fetch_appointment(lost)


def test_a_missed_one_is_moved_in_place(town: Running) -> None:
    zoho = ours(town)
    first, _, cursor = poll(zoho)
    town.act(f"/zoho_crm/{first[0].id}/missed")
    seen = {one.id: one.status for one in poll(zoho, cursor)[0]}
    assert seen[first[0].id] is Status.NOSHOW
    slot = later(first[0])
    assert zoho.move(first[0].id, slot) == first[0].id
    now = zoho.fetch_appointment(first[0].id)
    assert (now.starts_at, now.status) == (slot.starts_at, Status.BOOKED)
    assert record(town, first[0].id)["Status"] == "Scheduled"


def test_a_cancelled_one_is_followed_by_a_new_one_made_once(town: Running) -> None:
    zoho = ours(town)
    first = poll(zoho)[0][0]
    town.act(f"/zoho_crm/{first.id}/cancel")
    slot = later(first)
    made = zoho.move(first.id, slot)
    assert zoho.move(first.id, slot) == made != first.id
    now = zoho.fetch_appointment(made)
    assert (now.starts_at, now.ends_at, now.status) == (slot.starts_at, slot.ends_at, Status.BOOKED)
    assert (now.person, now.calendar) == (first.person, first.calendar)
    assert record(town, made)["Rescheduled_From"] == {"id": first.id}
    assert record(town, first.id)["Status"] == "Cancelled"


def test_an_earlier_time_that_zoho_refuses_is_a_new_appointment(town: Running) -> None:
    zoho = ours(town)
    last = max(poll(zoho)[0], key=lambda one: one.starts_at)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=5)
    made = zoho.move(last.id, Slot(start, start + (last.ends_at - last.starts_at)))
    assert made != last.id
    assert zoho.fetch_appointment(made).starts_at == start
    assert record(town, last.id)["Status"] == "Cancelled"


def test_a_booking_for_a_known_client_is_found_by_our_reference(town: Running) -> None:
    zoho = ours(town)
    one = poll(zoho)[0][0]
    slot = Slot(later(one).starts_at, later(one).ends_at, one.calendar)
    request = BookingRequest(slot, one.person, one.service, one.service_id, one.zone)
    assert zoho.find_booking(request, our_ref="intent-1") is None
    made = zoho.book(request, our_ref="intent-1")
    assert zoho.find_booking(request, our_ref="intent-1") == made
    now = zoho.fetch_appointment(made)
    assert (now.ours, now.person, now.service) == ("intent-1", one.person, one.service)


def test_notes_tasks_and_cancellations_are_made_once(town: Running) -> None:
    zoho = ours(town)
    one, other = (found.id for found in poll(zoho)[0][:2])
    for _ in range(2):
        zoho.annotate(one, "Rebook: new times were offered")
        zoho.create_task("Call back", "a client", our_ref="intent-1")
        zoho.cancel(other, "rebooked")
    assert record(town, one)["Additional_Information"] == "Rebook: new times were offered"
    assert [task["Subject"] for task in town.state()["zoho_crm"]["tasks"]] == ["Call back"]
    assert record(town, other)["Cancellation_Reason"] == "By Team"


def test_what_stands_is_busy(town: Running) -> None:
    zoho = ours(town)
    one = poll(zoho)[0][0]
    hour = timedelta(hours=1)
    busy = zoho.busy_times(one.calendar, one.starts_at - hour, one.ends_at + hour)
    assert (one.starts_at, one.ends_at) in [(b.starts_at, b.ends_at) for b in busy]


def test_a_channel_is_renewed_under_its_number_and_lasts_nearly_a_week(
    town: Running, gateway: Gateway
) -> None:
    zoho = ours(town)
    first = zoho.watch(f"{gateway.url}/hooks/zoho-crm", "secret", None)
    again = zoho.watch(f"{gateway.url}/hooks/zoho-crm", "secret", first)
    assert first.id == again.id
    assert again.expires_at
    assert again.expires_at > datetime.now(UTC) + timedelta(days=6)
    assert len(town.state()["zoho_crm"]["channels"]) == 1


def test_a_token_is_renewed_and_a_revoked_one_is_told(town: Running) -> None:
    town.act("/zoho_crm/expire_tokens")
    assert ours(town).check() == "Zoho CRM (com)"
    with pytest.raises(NotAllowed):
        ours(town, refresh_token="of-nobody", access_token="x").check()


def test_who_asks_for_tokens_too_often_waits_and_is_not_cut_off(serve: Serve) -> None:
    town = serve(platforms=("zoho_crm",), limits=True)
    tokens = MemoryTokens(town.connection("zoho-crm")["credentials"])
    zoho = ours(town, tokens)
    for _ in range(10):
        town.act("/zoho_crm/expire_tokens")
        zoho.check()
    town.act("/zoho_crm/expire_tokens")
    with pytest.raises(TooMany) as caught:
        zoho.check()
    assert caught.value.retry_after == 600.0


@pytest.mark.skipif(not SPECS.is_dir(), reason="the vendors' specs are not here: set REBOOK_SPECS")
def test_its_answers_are_as_the_spec_says(town: Running, gateway: Gateway) -> None:
    entry = town.connection("zoho-crm")
    token = {"Authorization": f"Zoho-oauthtoken {entry['credentials']['access_token']}"}
    module = "/crm/v8/{module_api_name}"
    channel = {"channel_id": "1", "events": ["Appointments__s.all"], "notify_url": gateway.url}
    with httpx.Client(base_url=f"{entry['base_url']}/crm/v8", headers=token, timeout=60) as http:
        rows = http.get("/Appointments__s", params={"fields": "id,Status,Modified_Time"})
        one = rows.json()["data"][0]["id"]
        answers = {
            (module, "get"): rows,
            (module + "/{id}", "get"): http.get(f"/Appointments__s/{one}"),
            (module, "put"): http.put(
                "/Appointments__s", json={"data": [{"id": one, "Status": "Cancelled"}]}
            ),
        }
        opened = http.post("/actions/watch", json={"watch": [channel]}).json()
    seen = [one for key, answer in answers.items() for one in faults("zoho_crm", *key, answer)]
    assert [one for one in seen if EITHER not in one] == []
    example = spec("zoho_crm", "examples/watch_enable_response.json")["body"]["watch"][0]
    [told] = opened["watch"]
    assert told.keys() == example.keys()
    assert told["details"]["events"][0].keys() == example["details"]["events"][0].keys()


def test_lists_without_fields_and_strangers_are_refused(town: Running) -> None:
    entry = town.connection("zoho-crm")
    url = f"{entry['base_url']}/crm/v8/Appointments__s"
    token = {"Authorization": f"Zoho-oauthtoken {entry['credentials']['access_token']}"}
    assert httpx.get(url, timeout=60).json()["code"] == "INVALID_TOKEN"
    assert httpx.get(url, headers=token, timeout=60).json()["code"] == "REQUIRED_PARAM_MISSING"
    answer = httpx.post(url, headers=token, json={"data": [{"Appointment_Name": "x"}]}, timeout=60)
    assert answer.json()["data"][0]["code"] == "MANDATORY_NOT_FOUND"
