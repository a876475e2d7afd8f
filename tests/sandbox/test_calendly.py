"""Our Calendly connector against the emulated Calendly: losses found, hooks heard, outcomes shown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.contract import BookingRequest, Connector, SlotQuery
from connectors.errors import NotAllowed, OnlyByLink, Refused, SlotTaken, TooMany, VendorFault
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status
from tests.connectors.specs import absent
from tests.sandbox.conftest import Running
from tests.sandbox.gate import Gate, connect
from tests.sandbox.test_specs import faults

Serve = Callable[..., Running]


@pytest.fixture
def town(serve: Serve, gate: Gate) -> Running:
    return serve(platforms=("calendly",), gateway=gate.url)


@pytest.fixture
def calendly(town: Running) -> Connector:
    return connect(town.connection("calendly"))


def poll(connector: Connector, cursor: str | None = None) -> tuple[dict[str, Appointment], str]:
    pages = list(connector.poll_changes(cursor))
    return {a.id: a for page in pages for a in page.appointments}, pages[-1].cursor


def free(connector: Connector, one: Appointment) -> list[Slot]:
    starts_at = one.starts_at + timedelta(days=14)
    query = SlotQuery(one.service_id, starts_at, starts_at + timedelta(days=9), 60, one.zone)
    return connector.find_slots(query)


def request_of(one: Appointment, slot: Slot) -> BookingRequest:
    return BookingRequest(slot, one.person, one.service, one.service_id, one.zone, was=one.id)


def test_the_first_poll_reads_everyone_with_their_contact_and_their_link(
    calendly: Connector,
) -> None:
    found, cursor = poll(calendly)
    assert len(found) == 12
    assert all(a.person.phone and "@example.com" in a.person.email for a in found.values())
    assert {a.same_as for a in found.values()} == {f"acuity:{170_000_001 + n}" for n in range(12)}
    assert poll(calendly, cursor)[0] == {}
    assert calendly.check() == "Harbour Street Studio"


def test_a_cancellation_is_found_by_polling_with_who_did_it(
    town: Running, calendly: Connector
) -> None:
    found, cursor = poll(calendly)
    lost = next(iter(found))
    town.act(f"/calendly/{lost}/cancel")
    [seen] = poll(calendly, cursor)[0].values()
    assert (seen.id, seen.status, seen.by_client) == (lost, Status.CANCELLED, True)


def test_losses_are_told_through_our_door_and_a_rescheduling_is_none(
    town: Running, calendly: Connector, gate: Gate
) -> None:
    entry = town.connection("calendly")
    calendly.watch(gate.expects(entry), entry["webhook_secrets"][0], None)
    cancelled, missed, moved = list(poll(calendly)[0])[:3]
    town.act(f"/calendly/{cancelled}/cancel")
    town.act(f"/calendly/{missed}/missed")
    town.act(f"/calendly/{moved}/reschedule")
    heard = [one for one in gate.wait(3) if isinstance(one, Change)]
    told = {(one.kind, one.appointment_id) for one in heard if one.kind is not ChangeKind.MOVED}
    assert told == {(ChangeKind.CANCELLED, cancelled), (ChangeKind.NOSHOW, missed)}
    [new] = [one.appointment_id for one in heard if one.kind is ChangeKind.MOVED]
    seen = calendly.fetch_appointment(new)
    assert (seen.id, seen.status) == (moved, Status.BOOKED)
    assert calendly.fetch_appointment(moved) == seen
    assert calendly.fetch_appointment(missed).status is Status.NOSHOW
    assert gate.refused == 0


def test_a_hook_that_was_switched_off_is_made_anew_and_heard_again(
    town: Running, calendly: Connector, gate: Gate
) -> None:
    entry = town.connection("calendly")
    hook, secret = gate.expects(entry), entry["webhook_secrets"][0]
    first = calendly.watch(hook, secret, None)
    town.act("/calendly/disable_hooks")
    again = calendly.watch(hook, secret, first)
    assert again.id != first.id
    town.act(f"/calendly/{next(iter(poll(calendly)[0]))}/cancel")
    assert len(gate.wait(1)) == 1


def test_what_is_moved_is_booked_anew_and_the_old_one_cancelled_by_the_host(
    town: Running, calendly: Connector
) -> None:
    one = next(iter(poll(calendly)[0].values()))
    slot = free(calendly, one)[0]
    made = calendly.move(one.id, slot)
    seen = calendly.fetch_appointment(made)
    assert (seen.starts_at, seen.status) == (slot.starts_at, Status.BOOKED)
    assert (seen.person.email, seen.ours) == (one.person.email, one.id)
    old = calendly.fetch_appointment(one.id)
    assert (old.status, old.by_client) == (Status.CANCELLED, False)
    assert calendly.move(one.id, slot) == made
    assert len(town.state()["calendly"]["events"]) == 13


def test_a_booking_whose_answer_was_lost_is_found(town: Running, calendly: Connector) -> None:
    one = next(iter(poll(calendly)[0].values()))
    slot = free(calendly, one)[3]
    request = request_of(one, slot)
    town.fault("calendly", "acted_500", match="POST /calendly/invitees")
    with pytest.raises(VendorFault):
        calendly.book(request, our_ref="intent-9")
    found = calendly.find_booking(request, our_ref="intent-9")
    assert found is not None
    assert calendly.fetch_appointment(found).ours == "intent-9"


def test_a_slot_that_another_took_is_taken(calendly: Connector) -> None:
    first, *others = poll(calendly)[0].values()
    slot = free(calendly, first)[0]
    for number, one in enumerate(others[:2]):
        calendly.book(request_of(one, slot), our_ref=f"intent-{number}")
    with pytest.raises(SlotTaken):
        calendly.book(request_of(first, slot), our_ref="intent-9")
    busy = calendly.busy_times("", slot.starts_at, slot.ends_at)
    assert [b.starts_at for b in busy] == [slot.starts_at]


@pytest.mark.parametrize("plan", ["free", "spent"])
def test_a_client_books_once_by_the_link_where_we_may_not(
    town: Running, calendly: Connector, plan: str
) -> None:
    one = next(iter(poll(calendly)[0].values()))
    slot = free(calendly, one)[0]
    town.act(f"/calendly/plan/{plan}")
    with pytest.raises(OnlyByLink) as caught:
        calendly.book(request_of(one, slot), our_ref="intent-9")
    told = {"url": caught.value.link, "name": "Ana K.", "email": one.person.email}
    told["start_time"] = slot.starts_at.isoformat()
    town.act("/calendly/book_by_link", **told)
    [seen] = [a for a in poll(calendly)[0].values() if a.ours == "intent-9"]
    assert (seen.starts_at, seen.status) == (slot.starts_at, Status.BOOKED)
    again = town.http.post("/_control/calendly/book_by_link", json=told)
    assert again.status_code == 404
    with pytest.raises(OnlyByLink) as moving:
        calendly.move(seen.id, free(calendly, one)[1])
    assert "/reschedulings/" in moving.value.link


def test_cancelling_is_done_once_and_a_past_one_is_refused(
    town: Running, calendly: Connector
) -> None:
    one, past = list(poll(calendly)[0].values())[:2]
    calendly.cancel(one.id, "rebooked")
    calendly.cancel(one.id, "rebooked")
    calendly.mark_noshow(past.id)
    calendly.mark_noshow(past.id)
    assert calendly.fetch_appointment(past.id).status is Status.NOSHOW
    told = [m["event"] for m in town.state()["calendly"]["own_messages"]]
    assert told == ["invitee.canceled"]
    with pytest.raises(Refused):
        calendly.find_slots(SlotQuery("nothing", one.starts_at, one.ends_at, 45, one.zone))


def test_a_limit_is_obeyed_by_calendlys_own_header(town: Running, calendly: Connector) -> None:
    town.fault("calendly", "429")
    with pytest.raises(TooMany) as caught:
        calendly.check()
    assert caught.value.retry_after == 1.0
    town.fault("calendly", "401", count=2)
    with pytest.raises(NotAllowed):
        calendly.check()


@pytest.fixture
def answers(town: Running) -> dict[str, httpx.Response]:
    """Every kind of answer, taken from the wire."""
    entry = town.connection("calendly")
    bearer = {"Authorization": f"Bearer {entry['credentials']['token']}"}
    http = httpx.Client(base_url=entry["base_url"], headers=bearer, timeout=60)
    me = http.get("/users/me")
    own = {"organization": me.json()["resource"]["current_organization"]}
    listed = http.get("/scheduled_events", params={**own, "count": 2})
    event = listed.json()["collection"][0]
    path = "/scheduled_events/" + event["uri"].rsplit("/", 1)[1]
    guests = http.get(f"{path}/invitees")
    invitee = guests.json()["collection"][0]["uri"]
    soon = datetime.now(UTC) + timedelta(days=20)
    times = {"start_time": soon.isoformat(), "end_time": (soon + timedelta(days=3)).isoformat()}
    free = http.get(
        "/event_type_available_times", params={"event_type": event["event_type"], **times}
    )
    person = {"name": "Ana Kealoha", "email": "ana@example.com"}
    what = {
        "event_type": event["event_type"],
        "start_time": free.json()["collection"][0]["start_time"],
        "invitee": person,
    }
    hook = {"url": "http://127.0.0.1:9/", "events": ["invitee.created"], "scope": "organization"}
    return {
        "/users/me get": me,
        "/scheduled_events get": listed,
        "/scheduled_events/{uuid} get": http.get(path),
        "/scheduled_events/{uuid}/invitees get": guests,
        "/scheduled_events/{event_uuid}/invitees/{invitee_uuid} get": http.get(
            path + "/invitees/" + invitee.rsplit("/", 1)[1]
        ),
        "/event_type_available_times get": free,
        "/user_busy_times get": http.get(
            "/user_busy_times", params={"user": me.json()["resource"]["uri"], **times}
        ),
        "/invitees post": http.post("/invitees", json=what),
        "/scheduling_links post": http.post(
            "/scheduling_links",
            json={"max_event_count": 1, "owner": event["event_type"], "owner_type": "EventType"},
        ),
        "/invitee_no_shows post": http.post("/invitee_no_shows", json={"invitee": invitee}),
        "/scheduled_events/{uuid}/cancellation post": http.post(f"{path}/cancellation", json={}),
        "/webhook_subscriptions post": http.post("/webhook_subscriptions", json={**hook, **own}),
        "/webhook_subscriptions get": http.get(
            "/webhook_subscriptions", params={**own, "scope": "organization"}
        ),
    }


@absent
def test_the_sandbox_answers_as_calendlys_description_says(
    answers: dict[str, httpx.Response],
) -> None:
    assert {name: a.status_code for name, a in answers.items() if a.status_code >= 300} == {}
    for name, answer in answers.items():
        path, _, method = name.partition(" ")
        assert faults("calendly", path, method, answer) == [], name
