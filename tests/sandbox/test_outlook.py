"""Our Outlook connector against the emulated Graph: losses found, notes heard, outcomes shown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.contract import BookingRequest, Connector, Watch
from connectors.errors import Conflict, NotAllowed, NotFound, TooMany
from rebook.domain.appointments import Appointment, Person, Slot, Status
from rebook.domain.messages import PollNow
from tests.connectors.specs import absent
from tests.sandbox.conftest import Json, Running
from tests.sandbox.gate import Gate, connect
from tests.sandbox.test_specs import faults

Serve = Callable[..., Running]


@pytest.fixture
def town(serve: Serve, gate: Gate) -> Running:
    return serve(platforms=("outlook",), gateway=gate.url)


@pytest.fixture
def outlook(town: Running) -> Connector:
    return connect(town.connection("outlook"))


def poll(connector: Connector, cursor: str | None = None) -> tuple[dict[str, Appointment], str]:
    pages = list(connector.poll_changes(cursor))
    assert [one for page in pages for one in page.gone] == []
    return {a.id: a for page in pages for a in page.appointments}, pages[-1].cursor


def later(one: Appointment) -> Slot:
    starts_at = one.starts_at + timedelta(days=20)
    return Slot(starts_at, starts_at + timedelta(minutes=one.minutes), one.calendar)


def held(town: Running, appointment_id: str) -> Json:
    event_id = appointment_id.rpartition("/")[2]
    return next(e for e in town.state()["outlook"]["events"] if e["id"] == event_id)


def test_the_first_poll_reads_everyone_with_their_contact_and_their_link(
    outlook: Connector,
) -> None:
    found, _cursor = poll(outlook)
    assert len(found) == 12
    assert all(a.person.phone and "@example.com" in a.person.email for a in found.values())
    assert {a.same_as for a in found.values()} == {f"acuity:{170_000_001 + n}" for n in range(12)}
    assert outlook.check() == "Maren Holt"


def test_a_removed_and_a_missed_event_are_found_by_polling(
    town: Running, outlook: Connector
) -> None:
    found, cursor = poll(outlook)
    removed, missed = list(found)[:2]
    town.act(f"/outlook/{removed}/cancel")
    town.act(f"/outlook/{missed}/missed")
    pages = list(outlook.poll_changes(cursor))
    assert [one for page in pages for one in page.gone] == [removed]
    assert [(a.id, a.status) for page in pages for a in page.appointments] == [
        (missed, Status.NOSHOW)
    ]
    with pytest.raises(NotFound):
        outlook.fetch_appointment(removed)


def test_small_pages_and_a_forgotten_token_lose_nothing(town: Running, outlook: Connector) -> None:
    found, cursor = poll(outlook)
    town.act("/outlook/expire_sync_tokens")
    assert poll(outlook, cursor)[0] == found


def test_a_change_is_told_through_our_door(town: Running, outlook: Connector, gate: Gate) -> None:
    entry = town.connection("outlook")
    watch = outlook.watch(gate.expects(entry), entry["webhook_secrets"][0], None)
    found, _cursor = poll(outlook)
    town.act(f"/outlook/{next(iter(found)).rpartition('/')[2]}/cancel")
    assert gate.wait(1) == [PollNow()]
    assert len(watch.id.split(",")) == 2
    town.act("/outlook/lifecycle-missed")
    gate.wait(3)
    assert [r.kind for r in gate.requests if r.body] == ["", "lifecycle", "lifecycle"]
    assert gate.refused == 0


def test_a_note_with_another_secret_is_refused_at_our_door(
    town: Running, outlook: Connector, gate: Gate
) -> None:
    entry = town.connection("outlook")
    outlook.watch(gate.expects(entry), "another-state", None)
    found, _cursor = poll(outlook)
    town.act(f"/outlook/{next(iter(found)).rpartition('/')[2]}/missed")
    with pytest.raises(AssertionError, match="1 refused"):
        gate.wait(1, seconds=1)


def test_subscriptions_are_renewed_and_made_anew_when_they_lapsed(
    town: Running, outlook: Connector, gate: Gate
) -> None:
    entry = town.connection("outlook")
    hook, secret = gate.expects(entry), entry["webhook_secrets"][0]
    first = outlook.watch(hook, secret, None)
    assert outlook.watch(hook, secret, first).id == first.id
    town.act("/outlook/lifecycle-subscriptionRemoved")
    again = outlook.watch(hook, secret, Watch(first.id, first.resource))
    assert again.id != first.id
    assert len(town.state()["outlook"]["subscriptions"]) == 2


def test_a_missed_event_is_moved_and_shows_as_booked(town: Running, outlook: Connector) -> None:
    found, _cursor = poll(outlook)
    one = next(iter(found.values()))
    town.act(f"/outlook/{one.id.rpartition('/')[2]}/missed")
    with pytest.raises(Conflict):
        outlook.move(one.id, later(one), version=one.version)
    now = outlook.fetch_appointment(one.id)
    outlook.annotate(one.id, "Rebook: moved at the client's wish")
    now = outlook.fetch_appointment(one.id)
    assert outlook.move(one.id, later(one), version=now.version) == one.id
    after = outlook.fetch_appointment(one.id)
    assert (after.starts_at, after.status) == (later(one).starts_at, Status.BOOKED)
    assert held(town, one.id)["categories"] == ["Rebook"]


def test_moving_to_the_other_practitioner_leaves_one_event(
    town: Running, outlook: Connector
) -> None:
    found, _cursor = poll(outlook)
    one = next(iter(found.values()))
    other = next(a.calendar for a in found.values() if a.calendar != one.calendar)
    slot = Slot(later(one).starts_at, later(one).ends_at, other)
    moved = outlook.move(one.id, slot)
    assert outlook.fetch_appointment(moved).same_as == one.same_as
    assert len(town.state()["outlook"]["events"]) == 12
    with pytest.raises(NotFound):
        outlook.fetch_appointment(one.id)


def request_of(one: Appointment) -> BookingRequest:
    person = Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    return BookingRequest(later(one), person, one.service, "", one.zone, was=one.id)


def test_a_booking_whose_answer_was_lost_is_found_and_a_repeat_makes_no_second(
    town: Running, outlook: Connector
) -> None:
    one = next(iter(poll(outlook)[0].values()))
    request = request_of(one)
    assert outlook.find_booking(request, our_ref="intent-9") is None
    made = outlook.book(request, our_ref="intent-9")
    assert outlook.book(request, our_ref="intent-9") == made
    assert outlook.find_booking(request, our_ref="intent-9") == made
    seen = outlook.fetch_appointment(made)
    assert (seen.ours, seen.person.email) == ("intent-9", "ana@example.com")
    busy = outlook.busy_times(one.calendar, request.slot.starts_at, request.slot.ends_at)
    assert [(b.starts_at, b.ends_at) for b in busy] == [(seen.starts_at, seen.ends_at)]
    outlook.cancel(made, "rebooked")
    outlook.cancel(made, "rebooked")
    assert town.state()["outlook"]["mailed"] == []
    assert outlook.find_booking(request, our_ref="intent-9") is None


def test_a_limit_is_obeyed_and_a_revoked_grant_locks_out(town: Running, outlook: Connector) -> None:
    town.fault("outlook", "429", match="/v1.0/users")
    with pytest.raises(TooMany) as caught:
        outlook.check()
    assert caught.value.retry_after == 1.0
    town.act("/outlook/expire_tokens")
    assert outlook.check() == "Maren Holt"
    town.act("/outlook/revoke")
    with pytest.raises(NotAllowed):
        outlook.check()


@pytest.fixture
def answers(town: Running, outlook: Connector, gate: Gate) -> dict[str, httpx.Response]:
    """Every kind of answer, taken from the wire beside the connector's own calls."""
    entry = town.connection("outlook")
    form = {
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        "client_id": entry["credentials"]["client_id"],
        "client_secret": entry["credentials"]["client_secret"],
    }
    token = town.http.post(entry["settings"]["token_url"], data=form).json()["access_token"]
    http, bearer = town.http, {"Authorization": f"Bearer {token}"}
    user = f"/outlook/v1.0/users/{entry['settings']['mailboxes'].split(',')[0]}"
    window = {"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2100-01-01T00:00:00Z"}
    slot = Slot(datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, 1, tzinfo=UTC))
    person = Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    made = outlook.book(BookingRequest(slot, person, "Haircut", "", "UTC"), our_ref="i1")
    event = f"{user}/events/{made.rpartition('/')[2]}"
    hook = {
        "changeType": "updated",
        "notificationUrl": gate.expects(entry),
        "resource": "/users/" + user.rsplit("/", 1)[1] + "/events",
        "expirationDateTime": f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
    }
    base = "/users/{user-id}"
    return {
        f"{base}/calendars get": http.get(f"{user}/calendars", headers=bearer),
        f"{base}/calendarView get": http.get(f"{user}/calendarView", params=window, headers=bearer),
        f"{base}/calendarView/delta get": http.get(
            f"{user}/calendarView/delta", params=window, headers=bearer
        ),
        f"{base}/events/{{event-id}} get": http.get(event, headers=bearer),
        f"{base}/events/{{event-id}} patch": http.patch(event, json={}, headers=bearer),
        "/subscriptions post": http.post("/outlook/v1.0/subscriptions", json=hook, headers=bearer),
    }


@absent
def test_the_sandbox_answers_as_graphs_description_says(answers: dict[str, httpx.Response]) -> None:
    for name, answer in answers.items():
        path, method = name.rsplit(" ", 1)
        assert answer.status_code < 300, name
        assert faults("outlook", path, method, answer) == [], name
