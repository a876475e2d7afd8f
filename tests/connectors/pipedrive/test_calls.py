"""Pipedrive's calls, each held against a recorded exchange and the vendor's OpenAPI document."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from connectors.contract import Watch
from connectors.errors import Conflict, NoAppointment, NotFound, Refused, VendorFault, WithoutTime
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors.calls import HOOK
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Vendor

SLUG = "pipedrive"
NOW = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)


def recorded(vendor: Vendor, name: str, act: Callable[[Any], Any], **settings: str) -> Any:
    exchange = replay(SLUG, vendor, name)
    with time_machine.travel(NOW, tick=False):
        result = act(build(SLUG, vendor, **settings))
    assert exchange.finished()
    return result


def refused(
    vendor: Vendor, name: str, error: type[Exception], act: Callable[[Any], Any], **settings: str
) -> None:
    exchange = replay(SLUG, vendor, name)
    with time_machine.travel(NOW, tick=False), pytest.raises(error):
        act(build(SLUG, vendor, **settings))
    assert exchange.finished()


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    found = recorded(vendor, name, lambda c: c.fetch_appointment("901"), **settings)
    assert isinstance(found, Appointment)
    return found


def test_check_tells_the_companys_name_and_sends_the_token_in_its_header(vendor: Vendor) -> None:
    assert recorded(vendor, "check", lambda c: c.check()) == "Shore Studio"
    assert vendor.received[0].headers["x-api-token"] == "token-1"


def test_an_activity_is_read_in_our_words_and_its_time_is_utc(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch", link_fields="deal_id=hubspot")
    assert (found.id, found.status, found.zone) == ("901", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert (found.service, found.calendar, found.place) == ("Haircut", "31", "12 Shore Road")
    assert (found.person, found.same_as, found.ours) == (ANA, "hubspot:51", "")


def test_somebody_who_attends_and_is_not_of_the_house_is_the_client(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_guest").person == Person("Ana", "Kealoha", "", "ana@example.com")


def test_a_person_that_was_deleted_is_nobody(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_person_gone").person == Person()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("fetch_overdue", Status.NOSHOW),
        ("fetch_done", Status.FULFILLED),
        ("fetch_deleted", Status.CANCELLED),
        ("fetch_outcome", Status.NOSHOW),
    ],
)
def test_what_became_of_it_is_read(name: str, status: Status, vendor: Vendor) -> None:
    assert fetched(vendor, name).status is status


def test_what_is_overdue_is_missed_unless_that_is_switched_off(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_overdue", overdue_is_missed="no").status is Status.BOOKED


def test_which_word_means_what_is_configured(vendor: Vendor) -> None:
    words = {"noshow_values": "", "cancelled_values": "11, 12"}
    assert fetched(vendor, "fetch_outcome", **words).status is Status.CANCELLED


def test_a_type_can_be_the_word(vendor: Vendor) -> None:
    words = {"status_field": "type", "cancelled_values": "Meeting"}
    assert fetched(vendor, "fetch", **words).status is Status.CANCELLED


def test_our_reference_and_the_usual_length_are_read(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_ours", minutes="30")
    assert (found.ours, found.minutes) == ("intent-0", 30)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("fetch_all_day", NoAppointment),
        ("fetch_call", NoAppointment),
        ("fetch_without_date", WithoutTime),
    ],
)
def test_a_whole_day_and_a_call_are_no_appointments_and_without_a_date_one_is_lost(
    name: str, error: type[Exception], vendor: Vendor
) -> None:
    refused(vendor, name, error, lambda c: c.fetch_appointment("901"))


def test_an_id_that_pipedrive_never_gave_is_not_asked_for(vendor: Vendor) -> None:
    for strange in ("", "x", "9/1", "٣"):
        with pytest.raises(NotFound):
            build(SLUG, vendor).fetch_appointment(strange)
    assert vendor.received == []


def test_a_new_activity_carries_our_reference(vendor: Vendor) -> None:
    assert recorded(vendor, "book", lambda c: c.book(booking("31"), our_ref="intent-1")) == "902"


def test_a_new_activity_is_linked_as_the_old_one_which_is_closed(vendor: Vendor) -> None:
    request = booking("31", was="901")
    made = recorded(vendor, "book_linked", lambda c: c.book(request, our_ref="intent-1"))
    assert made == "902"


def test_a_new_activity_is_made_although_the_old_one_is_gone(vendor: Vendor) -> None:
    request = booking("31", was="901")
    made = recorded(vendor, "book_gone", lambda c: c.book(request, our_ref="intent-1"))
    assert made == "902"


@pytest.mark.parametrize("name", ["book_not_closed", "book_not_to_close"])
def test_a_new_activity_stands_although_the_old_one_could_not_be_closed(
    name: str, vendor: Vendor
) -> None:
    """So the answer is in doubt, and is found by our reference: no second one is made."""
    request = booking("31", was="901")
    refused(vendor, name, VendorFault, lambda c: c.book(request, our_ref="intent-1"))


def test_a_booking_at_another_time_is_not_taken_for_ours(vendor: Vendor) -> None:
    request = booking("31")
    refused(vendor, "book_elsewhere", VendorFault, lambda c: c.book(request, our_ref="intent-1"))


def test_a_calendar_of_another_system_is_refused_before_anything_is_made(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor).book(booking("studio@example.com"), our_ref="intent-1")
    assert vendor.received == []


@pytest.mark.parametrize(("name", "found"), [("find_booking", "902"), ("find_booking_none", None)])
def test_a_booking_is_found_by_our_reference(name: str, found: str | None, vendor: Vendor) -> None:
    seen = recorded(vendor, name, lambda c: c.find_booking(booking("31"), our_ref="intent-1"))
    assert seen == found


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("move", "901"),
        ("move_all_day", "901"),
        ("move_missed", "902"),
        ("move_missed_again", "902"),
        ("move_missed_half", "902"),
    ],
)
def test_what_is_open_moves_and_what_was_missed_is_followed_by_a_new_one(
    name: str, made: str, vendor: Vendor
) -> None:
    assert recorded(vendor, name, lambda c: c.move("901", slot("31"))) == made


@pytest.mark.parametrize("version", ["", "20300220T100000Z 20300311T2000Z/20300311T2045Z"])
def test_a_move_is_made_on_the_time_that_was_seen(version: str, vendor: Vendor) -> None:
    assert recorded(vendor, "move", lambda c: c.move("901", slot("31"), version=version)) == "901"


@pytest.mark.parametrize(
    ("name", "error", "version"),
    [
        ("move_changed", Conflict, "20300220T100000Z 20300311T2000Z/20300311T2045Z"),
        ("move_elsewhere", VendorFault, ""),
    ],
)
def test_a_move_that_did_not_happen_is_not_taken_for_one(
    name: str, error: type[Exception], version: str, vendor: Vendor
) -> None:
    refused(vendor, name, error, lambda c: c.move("901", slot("31"), version=version))


def test_cancelling_deletes(vendor: Vendor) -> None:
    recorded(vendor, "cancel", lambda c: c.cancel("901", "rebooked"))


def test_cancelling_by_a_configured_word_keeps_the_activity(vendor: Vendor) -> None:
    act = {"cancelled_values": "13"}
    recorded(vendor, "cancel_by_word", lambda c: c.cancel("901", "rebooked"), **act)


def test_a_noshow_is_the_configured_word(vendor: Vendor) -> None:
    recorded(vendor, "noshow", lambda c: c.mark_noshow("901"))


@pytest.mark.parametrize("values", ["", "missed"])
def test_a_noshow_without_a_word_that_pipedrive_takes_is_refused(
    values: str, vendor: Vendor
) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor, noshow_values=values).mark_noshow("901")
    assert vendor.received == []


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_written_once(name: str, vendor: Vendor) -> None:
    recorded(vendor, name, lambda c: c.annotate("901", "Rebook: new times were offered"))


@pytest.mark.parametrize("name", ["task", "task_again"])
def test_a_task_is_made_once(name: str, vendor: Vendor) -> None:
    words = ("Call back", "a client")
    made = recorded(vendor, name, lambda c: c.create_task(*words, our_ref="intent-1"))
    assert made == "903"


def test_what_is_open_at_the_time_is_busy_and_reading_stops_behind_it(vendor: Vendor) -> None:
    half_past = START + timedelta(minutes=30)
    found = recorded(vendor, "busy", lambda c: c.busy_times("31", START, END))
    assert found == [Busy(START, END), Busy(half_past, half_past + timedelta(minutes=60))]


@pytest.mark.parametrize(
    ("name", "kept"), [("watch", "8"), ("watch_again", "8"), ("watch_replaced", "10")]
)
def test_one_hook_with_our_password_is_kept(name: str, kept: str, vendor: Vendor) -> None:
    made = recorded(vendor, name, lambda c: c.watch(HOOK, "a-secret-of-nobody", None))
    assert made == Watch(kept, HOOK)
