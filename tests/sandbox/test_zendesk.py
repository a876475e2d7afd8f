"""Our connector against the emulated Zendesk, and the emulation against the vendor's spec."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from connectors import connect, door
from connectors.contract import BookingRequest, Connector, StoredWebhook, WebhookRequest
from connectors.errors import Conflict, TooMany
from rebook.domain.appointments import Appointment, Change, Person, Slot, Status
from tests.sandbox import test_specs
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running

SLUG = "zendesk"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(SLUG,))


def connector(town: Running) -> Connector:
    entry = town.connection(SLUG)
    return connect(SLUG, entry["base_url"], entry["settings"], entry["credentials"])


def later(one: Appointment) -> Slot:
    return Slot(one.starts_at + timedelta(days=2), one.ends_at + timedelta(days=2))


def poll(desk: Connector, cursor: str | None = None) -> tuple[list[Appointment], str]:
    pages = list(desk.poll_changes(cursor))
    return [one for page in pages for one in page.appointments], pages[-1].cursor


def shown(town: Running, ticket: str) -> Json:
    tickets = town.state()[SLUG]["tickets"]
    return dict(next(one for one in tickets if one["id"] == int(ticket)))


def watched(town: Running) -> Connector:
    desk, entry = connector(town), town.connection(SLUG)
    desk.watch(entry["webhook_url"], entry["webhook_secrets"][0], None)
    return desk


def test_everybody_in_town_has_a_ticket_that_is_linked_to_the_record(town: Running) -> None:
    found, _ = poll(connector(town))
    records = {f"acuity:{one['id']}" for one in town.state()["acuity"]["appointments"]}
    assert {one.status for one in found} == {Status.BOOKED}
    assert {one.same_as for one in found} == records
    assert all(one.person.phone and one.person.email for one in found)


def test_a_loss_is_found_by_the_export_a_minute_later_page_by_page(town: Running) -> None:
    desk = connector(town)
    town.app.town.others[SLUG].desk.page = 5  # type: ignore[attr-defined]  # the emulation's own
    found, cursor = poll(desk)
    assert len(found) == 12
    lost = found[3].id
    town.act(f"/zendesk/{lost}/cancel")
    assert poll(desk, cursor)[0] == []
    town.act("/clock", advance_seconds=61)
    changed, cursor = poll(desk, cursor)
    assert [(one.id, one.status) for one in changed] == [(lost, Status.CANCELLED)]
    assert poll(desk, cursor)[0] == []


@pytest.mark.parametrize(
    ("act", "status"), [("cancel", Status.CANCELLED), ("missed", Status.NOSHOW)]
)
def test_a_loss_is_told_by_a_signed_webhook(
    town: Running, gateway: Gateway, act: str, status: Status
) -> None:
    desk = watched(town)
    lost = poll(desk)[0][0].id
    town.act(f"/zendesk/{lost}/{act}")
    [told] = gateway.wait(1, SLUG)
    entry = town.connection(SLUG)
    request = WebhookRequest("POST", entry["webhook_url"], told.headers, told.body)
    assert desk.verify(request, [entry["webhook_secrets"][0].encode()]).dedupe_key
    kept = StoredWebhook("", request.url, told.headers, told.body, datetime.now().astimezone())
    [change] = door(SLUG, entry["settings"]).translate(kept)
    assert isinstance(change, Change)
    assert (str(change.kind), change.appointment_id) == (str(status), lost)
    assert desk.fetch_appointment(lost).status is status


def test_watching_twice_leaves_one_webhook_and_one_trigger(town: Running) -> None:
    watched(town)
    watched(town)
    state = town.state()[SLUG]
    assert (len(state["webhooks"]), len(state["triggers"])) == (1, 1)


def test_the_outcome_is_shown_and_its_echo_reads_as_booked(town: Running, gateway: Gateway) -> None:
    desk = watched(town)
    lost = poll(desk)[0][0]
    town.act(f"/zendesk/{lost.id}/cancel")
    now = desk.fetch_appointment(lost.id)
    assert desk.move(lost.id, later(lost), version=now.version) == lost.id
    desk.annotate(lost.id, "Rebook: booked anew")
    desk.annotate(lost.id, "Rebook: booked anew")
    after = desk.fetch_appointment(lost.id)
    assert (after.status, after.starts_at) == (Status.BOOKED, later(lost).starts_at)
    ticket = shown(town, lost.id)
    assert ticket["tags"] == ["appt_booked"]
    notes = [c["public"] for c in ticket["comments"] if c["body"] == "Rebook: booked anew"]
    assert notes == [False]
    assert len(gateway.wait(2, SLUG)) == 2


def test_a_version_that_staff_overtook_is_a_conflict(town: Running) -> None:
    desk = connector(town)
    lost = poll(desk)[0][0]
    town.act(f"/zendesk/{lost.id}/cancel")
    with pytest.raises(Conflict):
        desk.move(lost.id, later(lost), version=lost.version)


def test_a_closed_ticket_is_followed_by_one_that_holds_the_new_time(town: Running) -> None:
    desk = connector(town)
    lost = poll(desk)[0][0]
    town.act(f"/zendesk/{lost.id}/cancel")
    town.act(f"/zendesk/{lost.id}/close")
    new = desk.move(lost.id, later(lost))
    assert desk.move(lost.id, later(lost)) == new != lost.id
    found = desk.fetch_appointment(new)
    assert (found.status, found.starts_at) == (Status.BOOKED, later(lost).starts_at)
    assert found.person == lost.person
    assert len(town.state()[SLUG]["tickets"]) == 13


def test_a_booking_made_twice_with_one_reference_is_one_ticket(town: Running) -> None:
    desk = connector(town)
    first = poll(desk)[0][0]
    person = Person("Tilda", "Test", "+18085550199", "tilda@example.com")
    request = BookingRequest(later(first), person, "Haircut", "9101", first.zone)
    assert desk.find_booking(request, our_ref="r-1") is None
    made = desk.book(request, our_ref="r-1")
    assert desk.book(request, our_ref="r-1") == made
    assert desk.find_booking(request, our_ref="r-1") == made
    assert desk.fetch_appointment(made).ours == "r-1"


def test_the_export_allows_ten_calls_a_minute(serve: Callable[..., Running]) -> None:
    desk = connector(serve(platforms=(SLUG,), limits=True))
    for _ in range(10):
        poll(desk)
    with pytest.raises(TooMany) as caught:
        poll(desk)
    assert caught.value.retry_after


def test_every_path_may_end_in_json_and_none_is_open(town: Running) -> None:
    entry, one = town.connection(SLUG), poll(connector(town))[0][0].id
    login = (f"{entry['credentials']['email']}/token", entry["credentials"]["api_token"])
    paths = ["users/me", "tickets", f"tickets/{one}", f"tickets/{one}/comments", "triggers"]
    with httpx.Client(base_url=entry["base_url"], verify=PLAIN, timeout=60) as http:
        for path in paths:
            plain, suffixed = (http.get(f"/{path}{end}", auth=login) for end in ("", ".json"))
            assert (plain.status_code, plain.json()) == (200, suffixed.json())
            assert http.get(f"/{path}.json").status_code == 401


@pytest.mark.skipif(not test_specs.SPECS.is_dir(), reason="the specs are not here")
def test_zendesk_answers_as_its_spec_says(town: Running) -> None:
    desk = watched(town)
    one = poll(desk)[0][0].id
    entry = town.connection(SLUG)
    login = (f"{entry['credentials']['email']}/token", entry["credentials"]["api_token"])
    with httpx.Client(base_url=entry["base_url"], auth=login, verify=PLAIN, timeout=60) as http:
        body = {"ticket": {"comment": {"body": "x", "public": False}}}
        answers = {
            ("/api/v2/tickets/{ticket_id}", "get"): http.get(f"/tickets/{one}"),
            ("/api/v2/tickets/{ticket_id}", "put"): http.put(f"/tickets/{one}", json=body),
            ("/api/v2/tickets/{ticket_id}/comments", "get"): http.get(f"/tickets/{one}/comments"),
            ("/api/v2/incremental/tickets/cursor", "get"): http.get(
                "/incremental/tickets/cursor", params={"start_time": 1}
            ),
            ("/api/v2/users/me", "get"): http.get("/users/me"),
            ("/api/v2/triggers", "get"): http.get("/triggers"),
        }
    seen = [fault for key, a in answers.items() for fault in test_specs.faults(SLUG, *key, a)]
    # The spec knows no null value, which the operator `changed` has (FACTS, Webhooks + triggers).
    assert [fault for fault in seen if "'operator': 'changed'" not in fault] == []
