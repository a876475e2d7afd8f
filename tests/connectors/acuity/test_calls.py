"""Acuity's calls, each held against a recorded exchange and the vendor's spec."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import Watch
from connectors.errors import NotFound, Refused, SlotTaken
from rebook.domain.appointments import Person, Status
from tests.connectors.replay import replay
from tests.connectors.samples import END, START, ZONE, booking, query, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

HOOK = "https://gw.example.com/hooks/acuity"


def test_check_tells_the_account_by_its_own_name(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "check")
    assert build("acuity", vendor).check() == "Shore Studio"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"].startswith("Basic ")


def test_an_appointment_is_read_in_our_words(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "fetch")
    found = build("acuity", vendor).fetch_appointment("170001")
    assert (found.id, found.status, found.zone) == ("170001", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.service_id, found.calendar) == ("Haircut", "9101", "8101")
    assert (found.by_client, found.ours, len(found.version)) == (None, "", 12)
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "status"), [("fetch_noshow", Status.NOSHOW), ("fetch_cancelled", Status.CANCELLED)]
)
def test_a_missed_appointment_is_a_cancelled_one_with_a_mark(
    vendor: Vendor, name: str, status: Status
) -> None:
    recorded = replay("acuity", vendor, name)
    assert build("acuity", vendor).fetch_appointment("170001").status is status
    assert recorded.finished()


def test_an_id_that_acuity_cannot_have_given_is_not_found_and_not_asked_for(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        build("acuity", vendor).fetch_appointment("170001/cancel")
    assert vendor.received == []


def test_slots_name_their_calendar_and_lie_wholly_in_the_period(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "find_slots")
    found = build("acuity", vendor).find_slots(query())
    assert [(s.starts_at, s.calendar) for s in found] == [
        (datetime(2030, 3, 30, 21, 0, tzinfo=UTC), "8101"),
        (datetime(2030, 4, 1, 19, 0, tzinfo=UTC), "8102"),
        (datetime(2030, 4, 3, 2, 30, tzinfo=UTC), "8101"),
    ]
    assert {(s.ends_at - s.starts_at).seconds for s in found} == {45 * 60}
    assert recorded.finished()


def test_no_more_days_are_asked_for_than_are_needed(vendor: Vendor) -> None:
    """Acuity is asked day by day and counts every question."""

    def answer(request: Received) -> Reply:
        if request.path.endswith("/dates"):
            return Reply(200, [{"date": f"2030-04-0{day}"} for day in (1, 2, 3)])
        day = request.query["date"][0]
        times = [f"{day}T{hour}:00:00-1000" for hour in ("09", "10")]
        return Reply(200, [{"time": time, "slotsAvailable": 1} for time in times])

    vendor.answer = answer
    wanted = replace(query("8101"), starts_at=datetime(2030, 4, 1, tzinfo=UTC), enough=3)
    assert len(build("acuity", vendor).find_slots(wanted)) == 4
    asked = [r.query["date"] for r in vendor.received if r.path.endswith("/times")]
    assert asked == [["2030-04-01"], ["2030-04-02"]]


def test_booking_sends_no_mail_of_acuitys_own(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "book")
    assert build("acuity", vendor).book(booking(), our_ref="intent-1") == "170002"
    assert recorded.finished()


def test_our_reference_goes_into_the_form_question_that_is_set_for_it(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "book_with_reference")
    connector = build("acuity", vendor, ref_field="77")
    assert connector.book(booking(), our_ref="intent-1") == "170002"
    assert recorded.finished()


@pytest.mark.parametrize(("name", "error"), [("book_taken", SlotTaken), ("book_refused", Refused)])
def test_a_refused_booking_says_whether_the_time_was_taken(
    vendor: Vendor, name: str, error: type[Exception]
) -> None:
    recorded = replay("acuity", vendor, name)
    with pytest.raises(error) as caught:
        build("acuity", vendor).book(booking(), our_ref="intent-1")
    assert type(caught.value) is error
    assert "Ana" not in str(caught.value)
    assert recorded.finished()


def test_an_id_of_another_system_is_refused_before_anything_is_sent(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build("acuity", vendor).book(booking("studio@example.com"), our_ref="intent-1")
    assert caught.value.code == "invalid_id"
    assert vendor.received == []


def test_a_booking_of_unknown_outcome_is_found_by_person_time_and_service(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "find_booking")
    found = build("acuity", vendor).find_booking(booking(was="170001"), our_ref="intent-1")
    assert found == "170002"
    assert recorded.finished()


def test_neither_the_old_nor_a_cancelled_nor_anothers_appointment_is_evidence(
    vendor: Vendor,
) -> None:
    recorded = replay("acuity", vendor, "find_booking_none")
    connector = build("acuity", vendor)
    assert connector.find_booking(booking(was="170001"), our_ref="intent-1") is None
    assert recorded.finished()


def test_where_a_form_question_carries_our_reference_it_alone_is_evidence(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "find_booking_by_reference")
    connector = build("acuity", vendor, ref_field="77")
    assert connector.find_booking(booking(), our_ref="intent-1") == "170006"
    assert recorded.finished()


def test_a_cut_off_list_is_no_proof_that_a_booking_is_absent(vendor: Vendor) -> None:
    other = {"id": 1, "datetime": "2030-03-12T09:00:00-1000", "duration": "45", "canceled": False}
    row = {**other, "appointmentTypeID": 9101, "calendarID": 8101}
    vendor.answer = lambda _request: Reply(200, [row] * 100)
    with pytest.raises(Exception, match="cut off"):
        build("acuity", vendor).find_booking(booking(), our_ref="intent-1")


def test_moving_keeps_the_id(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "move")
    assert build("acuity", vendor).move("170001", slot()) == "170001"
    assert recorded.finished()


def test_moving_to_a_taken_time_says_so(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "move_taken")
    with pytest.raises(SlotTaken):
        build("acuity", vendor).move("170001", slot())
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay("acuity", vendor, name)
    build("acuity", vendor).cancel("170001", "rebooked")
    assert recorded.finished()


def test_a_cancellation_that_acuity_will_not_have_is_refused(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "cancel_refused")
    with pytest.raises(Refused) as caught:
        build("acuity", vendor).cancel("170001", "rebooked")
    assert caught.value.code == "cancel_too_close"
    assert recorded.finished()


@pytest.mark.parametrize("name", ["noshow", "noshow_again"])
def test_marking_a_noshow_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay("acuity", vendor, name)
    build("acuity", vendor).mark_noshow("170001")
    assert recorded.finished()


def test_a_cancelled_appointment_cannot_become_a_noshow(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "noshow_of_cancelled")
    with pytest.raises(Refused):
        build("acuity", vendor).mark_noshow("170001")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_below_what_is_there_and_only_once(vendor: Vendor, name: str) -> None:
    recorded = replay("acuity", vendor, name)
    build("acuity", vendor).annotate("170001", "Rebook: offered new times")
    assert recorded.finished()


def test_watching_adds_the_missing_hooks_and_removes_our_old_ones_only(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "watch")
    watch = build("acuity", vendor).watch(HOOK, "unused", Watch("1,9", HOOK))
    assert watch == Watch("1,3,4", HOOK, None)
    assert recorded.finished()


def test_watching_again_changes_nothing(vendor: Vendor) -> None:
    recorded = replay("acuity", vendor, "watch_again")
    watch = build("acuity", vendor).watch(HOOK, "unused", Watch("1,3,4", HOOK))
    assert watch.id == "1,3,4"
    assert recorded.finished()
