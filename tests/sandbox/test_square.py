"""Our Square connector against the emulated Square: losses found, hooks heard, outcomes shown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.contract import BookingRequest, Connector, SlotQuery
from connectors.errors import Conflict, Refused, SlotTaken, TooMany, VendorFault
from rebook.domain.appointments import Appointment, Change, ChangeKind, Person, Slot, Status
from tests.connectors.specs import absent
from tests.sandbox.conftest import Json, Running
from tests.sandbox.gate import Gate, connect
from tests.sandbox.test_specs import faults

Serve = Callable[..., Running]


@pytest.fixture
def town(serve: Serve, gate: Gate) -> Running:
    running = serve(platforms=("square",), gateway=gate.url)
    gate.expects(running.connection("square"))
    return running


@pytest.fixture
def square(town: Running) -> Connector:
    return connect(town.connection("square"))


def poll(connector: Connector, cursor: str | None = None) -> tuple[dict[str, Appointment], str]:
    pages = list(connector.poll_changes(cursor))
    assert [one for page in pages for one in page.gone] == []
    return {a.id: a for page in pages for a in page.appointments}, pages[-1].cursor


def free(connector: Connector, one: Appointment, calendar: str = "") -> list[Slot]:
    starts_at = one.starts_at + timedelta(days=14)
    ends_at = starts_at + timedelta(days=9)
    return connector.find_slots(
        SlotQuery(one.service_id, starts_at, ends_at, one.minutes, one.zone, calendar)
    )


def held(town: Running, booking: str) -> Json:
    return next(b for b in town.state()["square"]["bookings"] if b["id"] == booking)


def test_the_first_poll_reads_everyone_with_their_contact_and_their_link(
    town: Running, square: Connector
) -> None:
    found, cursor = poll(square)
    assert len(found) == 12
    assert all(a.person.phone and "@example.com" in a.person.email for a in found.values())
    assert {a.same_as for a in found.values()} == {f"acuity:{170_000_001 + n}" for n in range(12)}
    assert {a.zone for a in found.values()} == {town.state()["zone"]}
    assert all(a.service and a.calendar for a in found.values())
    assert poll(square, cursor)[0] == {}
    assert square.check() == "Harbour Street Studio"


def test_losses_are_found_by_polling_and_told_through_our_door(
    town: Running, square: Connector, gate: Gate
) -> None:
    found, cursor = poll(square)
    client, staff, missed = list(found)[:3]
    town.act(f"/square/{client}/cancel")
    town.act(f"/square/{staff}/cancel", by="staff")
    town.act(f"/square/{missed}/missed")
    seen = poll(square, cursor)[0]
    assert {one.id: (one.status, one.by_client) for one in seen.values()} == {
        client: (Status.CANCELLED, True),
        staff: (Status.CANCELLED, False),
        missed: (Status.NOSHOW, None),
    }
    heard = [one for one in gate.wait(3) if isinstance(one, Change)]
    assert {(one.kind, one.appointment_id) for one in heard} == {
        (ChangeKind.CANCELLED, client),
        (ChangeKind.CANCELLED, staff),
        (ChangeKind.NOSHOW, missed),
    }
    assert gate.refused == 0


def test_a_standing_booking_is_moved_in_place_on_its_version(
    town: Running, square: Connector, gate: Gate
) -> None:
    one = next(iter(poll(square)[0].values()))
    slot = free(square, one, one.calendar)[0]
    square.annotate(one.id, "Rebook: offered new times")
    square.annotate(one.id, "Rebook: offered new times")
    with pytest.raises(Conflict):
        square.move(one.id, slot, version=one.version)
    now = square.fetch_appointment(one.id)
    assert square.move(one.id, slot, version=now.version) == one.id
    after = square.fetch_appointment(one.id)
    assert (after.starts_at, after.status) == (slot.starts_at, Status.BOOKED)
    note = held(town, one.id)["seller_note"]
    assert note.splitlines() == [note.splitlines()[0], "Rebook: offered new times"]
    assert [c.kind for c in gate.wait(2) if isinstance(c, Change)] == [ChangeKind.MOVED] * 2


def test_a_booking_is_moved_to_another_member_of_staff(square: Connector) -> None:
    found = poll(square)[0]
    one = next(iter(found.values()))
    other = next(a.calendar for a in found.values() if a.calendar != one.calendar)
    slot = free(square, one, other)[0]
    square.move(one.id, slot)
    assert square.fetch_appointment(one.id).calendar == other


def test_a_cancelled_booking_is_replaced_once_for_the_same_customer(
    town: Running, square: Connector
) -> None:
    one = next(iter(poll(square)[0].values()))
    town.act(f"/square/{one.id}/cancel")
    slot = free(square, one)[0]
    made = square.move(one.id, slot)
    assert square.move(one.id, slot) == made != one.id
    seen = square.fetch_appointment(made)
    assert (seen.starts_at, seen.status, seen.person) == (
        slot.starts_at,
        Status.BOOKED,
        one.person,
    )
    assert len(town.state()["square"]["bookings"]) == 13


def test_a_booking_whose_answer_was_lost_is_found_and_a_repeat_makes_no_second(
    town: Running, square: Connector
) -> None:
    one = next(iter(poll(square)[0].values()))
    request = BookingRequest(
        free(square, one)[3], one.person, one.service, one.service_id, one.zone, was=one.id
    )
    assert square.find_booking(request, our_ref="intent-9") is None
    town.fault("square", "acted_500", match="POST /square/v2/bookings")
    with pytest.raises(VendorFault):
        square.book(request, our_ref="intent-9")
    found = square.find_booking(request, our_ref="intent-9")
    assert found is not None
    assert square.book(request, our_ref="intent-9") == found
    assert square.fetch_appointment(found).ours == "intent-9"
    square.cancel(found, "rebooked")
    square.cancel(found, "rebooked")
    assert square.find_booking(request, our_ref="intent-9") is None


def test_another_systems_slot_is_booked_by_the_maps_for_who_is_a_customer_here(
    square: Connector,
) -> None:
    one = next(iter(poll(square)[0].values()))
    told = free(square, one)[0]
    slot = Slot(told.starts_at, told.ends_at, "8101")
    request = BookingRequest(slot, one.person, "Haircut", "9101", one.zone)
    made = square.book(request, our_ref="intent-1")
    assert square.fetch_appointment(made).person == one.person
    with pytest.raises(SlotTaken):
        square.book(request, our_ref="intent-2")
    stranger = BookingRequest(slot, Person("Xan", "Yu", "", "xan@example.com"), "", "9101", "UTC")
    with pytest.raises(Refused):
        square.book(stranger, our_ref="intent-3")


def test_a_hook_that_was_switched_off_is_switched_on_again(
    town: Running, square: Connector, gate: Gate
) -> None:
    hook = gate.expects(town.connection("square"))
    town.act("/square/disable_hooks")
    found = square.watch(hook, "unused", None)
    assert found.id == "wbhk_sandbox"
    town.act(f"/square/{next(iter(poll(square)[0]))}/cancel")
    assert len(gate.wait(1)) == 1
    assert found.secret == town.connection("square")["webhook_secrets"][0]


def test_a_subscription_that_nobody_made_is_made_once_and_signs_with_its_own_key(
    town: Running, square: Connector, gate: Gate
) -> None:
    entry = {**town.connection("square"), "connection": "square2"}
    hook = gate.expects(entry)
    made = square.watch(hook, "unused", None)
    assert square.watch(hook, "unused", made) == made
    assert made.secret not in ("", *entry["webhook_secrets"])
    gate.expects({**entry, "webhook_secrets": [made.secret]})
    town.act(f"/square/{next(iter(poll(square)[0]))}/cancel")
    gate.wait(2)
    assert gate.refused == 0


def test_a_limit_is_obeyed(town: Running, square: Connector) -> None:
    town.fault("square", "429")
    with pytest.raises(TooMany) as caught:
        square.check()
    assert caught.value.retry_after == 1.0


@pytest.fixture
def answers(town: Running) -> dict[str, httpx.Response]:
    """Every kind of answer, taken from the wire."""
    entry = town.connection("square")
    bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    http = httpx.Client(base_url=entry["base_url"], headers=bearer, timeout=60)
    listed = http.get("/v2/bookings", params={"limit": 3})
    booking = listed.json()["bookings"][0]
    path = f"/v2/bookings/{booking['id']}"
    first = datetime.now(UTC) + timedelta(days=20)
    span = {"start_at": first.isoformat(), "end_at": (first + timedelta(days=4)).isoformat()}
    [segment] = booking["appointment_segments"]
    asked = {
        "start_at_range": span,
        "location_id": booking["location_id"],
        "segment_filters": [{"service_variation_id": segment["service_variation_id"]}],
    }
    search = {"query": {"filter": asked}}
    free = http.post("/v2/bookings/availability/search", json=search)
    made = {**free.json()["availabilities"][0], "customer_id": booking["customer_id"]}
    note = {"booking": {"version": 0, "customer_note": "Please ring twice."}}
    mail = {"query": {"filter": {"email_address": {"exact": "nobody@example.com"}}}}
    booking_path = "/v2/bookings/{booking_id}"
    return {
        "/v2/locations get": http.get("/v2/locations"),
        "/v2/bookings get": listed,
        f"{booking_path} get": http.get(path),
        "/v2/customers/{customer_id} get": http.get(f"/v2/customers/{booking['customer_id']}"),
        "/v2/customers/search post": http.post("/v2/customers/search", json=mail),
        "/v2/bookings/availability/search post": free,
        "/v2/bookings post": http.post("/v2/bookings", json={"booking": made}),
        f"{booking_path} put": http.put(path, json=note),
        f"{booking_path}/cancel post": http.post(f"{path}/cancel", json={}),
        "/v2/webhooks/subscriptions get": http.get("/v2/webhooks/subscriptions"),
        "/v2/webhooks/subscriptions post": http.post(
            "/v2/webhooks/subscriptions", json={"subscription": {"name": "Rebook"}}
        ),
        "/v2/webhooks/subscriptions/{subscription_id} get": http.get(
            "/v2/webhooks/subscriptions/wbhk_sandbox"
        ),
    }


@absent
def test_the_sandbox_answers_as_squares_description_says(
    answers: dict[str, httpx.Response],
) -> None:
    assert {name: a.status_code for name, a in answers.items() if a.status_code >= 300} == {}
    for name, answer in answers.items():
        path, _, method = name.partition(" ")
        assert faults("square", path, method, answer) == [], name
