"""Google Sheets' calls, each held against a recorded exchange and the vendor's discovery document."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Conflict, NotFound, Refused, TooMany, VendorFault
from connectors.google_sheets.wire import row_id
from rebook.domain.appointments import Appointment, Busy, Person, Status
from tests.connectors.replay import load, replay
from tests.connectors.samples import END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor, always

SLUG = "google_sheets"
NOTE = "Rebook: offered new times"


def fetched(vendor: Vendor, name: str, **settings: str) -> Appointment:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor, **settings).fetch_appointment("a-1")
    assert recorded.finished()
    return found


def test_check_tells_the_spreadsheets_title(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Harbour Studio"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"] == "Bearer access-1"


def test_a_tab_that_is_not_there_is_said_at_once(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check_no_tab")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).check()
    assert caught.value.code == "no_such_tab"
    assert recorded.finished()


def test_the_spreadsheet_may_be_named_by_its_address(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    address = "https://docs.google.com/spreadsheets/d/sheet1/edit#gid=0"
    build(SLUG, vendor, spreadsheet=address).check()
    assert recorded.finished()


@pytest.mark.parametrize("named", ["", "  ", "https://example.com/not-a-sheet"])
def test_without_a_spreadsheet_nothing_is_asked(vendor: Vendor, named: str) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, spreadsheet=named).check()
    assert caught.value.code == "no_spreadsheet"
    assert vendor.received == []


def test_a_row_is_read_in_our_words(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch")
    assert (found.id, found.status, found.zone) == ("a-1", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.calendar, found.same_as) == ("Haircut", "Mele", "acuity:170001")
    assert found.by_client is None


def test_staffs_own_words_for_a_status_are_known_however_they_are_spelt(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_cancelled")
    assert (found.status, found.by_client) == (Status.CANCELLED, True)
    found = fetched(vendor, "fetch_noshow")
    assert (found.status, found.ours) == (Status.NOSHOW, "intent-0")


def test_the_words_and_titles_can_be_configured(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_cancelled", noshow_values="x, CANCELED", cancelled_values="off")
    assert found.status is Status.NOSHOW
    found = fetched(vendor, "fetch_no_column", columns="id=ID, service=email")
    assert (found.id, found.service) == ("a-1", "ana@example.com")


def test_a_word_that_is_not_configured_means_that_it_stands(vendor: Vendor) -> None:
    assert fetched(vendor, "fetch_noshow", noshow_values="away").status is Status.BOOKED


def test_a_date_cell_is_read_on_the_clock_of_the_sheet(vendor: Vendor) -> None:
    found = fetched(vendor, "fetch_date_cell", minutes="45")
    assert (found.starts_at, found.ends_at, found.zone) == (START, END, ZONE)


def test_where_a_setting_names_the_zone_google_is_not_asked_for_it(vendor: Vendor) -> None:
    vendor.answer = always(Reply(200, load(SLUG, "fetch_date_cell")[-1]["response"]["body"]))
    found = build(SLUG, vendor, zone="America/Denver").fetch_appointment("a-1")
    assert found.starts_at == START - timedelta(hours=4)
    assert len(vendor.received) == 1


def test_a_row_without_a_time_or_without_its_id_is_not_there(vendor: Vendor) -> None:
    for name in ("fetch_empty", "fetch_none"):
        with pytest.raises(NotFound):
            fetched(vendor, name)


@pytest.mark.parametrize(
    ("name", "code"), [("fetch_twice", "id_twice"), ("fetch_no_column", "no_id_column")]
)
def test_a_copied_id_and_a_lost_column_are_refused_and_not_guessed(
    vendor: Vendor, name: str, code: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).fetch_appointment("a-1")
    assert caught.value.code == code
    assert recorded.finished()


def test_moving_writes_the_time_and_the_status_and_no_other_cell(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    assert build(SLUG, vendor).move("a-1", slot("Mele")) == "a-1"
    assert recorded.finished()


def test_a_date_cell_stays_a_date_cell(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_date_cells")
    assert build(SLUG, vendor).move("a-1", slot("")) == "a-1"
    assert recorded.finished()


def test_a_row_that_changed_since_it_was_read_is_not_written(vendor: Vendor) -> None:
    vendor.answer = lambda request: Reply(
        200, load(SLUG, "move")[len(vendor.received) - 1]["response"]["body"]
    )
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("a-1", slot(), version="of-yesterday")
    assert {request.method for request in vendor.received} == {"GET"}


def test_the_version_that_was_read_is_the_one_that_is_compared(vendor: Vendor) -> None:
    lost = load(SLUG, "move")[:2]
    left = [*lost, *load(SLUG, "move")[1:]]
    vendor.answer = lambda _request: Reply(200, left.pop(0)["response"]["body"])
    connector = build(SLUG, vendor)
    version = connector.fetch_appointment("a-1").version
    assert connector.move("a-1", slot("Mele"), version=version) == "a-1"


def test_a_row_that_was_hit_because_staff_sorted_the_sheet_is_put_right_again(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "move_sorted_meanwhile")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("a-1", slot("Mele"))
    assert recorded.finished()


def test_a_row_that_is_sorted_after_it_was_written_is_written(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_then_sorted")
    assert build(SLUG, vendor).move("a-1", slot("Mele")) == "a-1"
    assert recorded.finished()


def test_a_row_that_is_deleted_while_it_is_written_is_a_conflict(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move_deleted_meanwhile")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move("a-1", slot("Mele"))
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again"])
def test_cancelling_succeeds_once_and_again(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel("a-1", "rebooked")
    assert recorded.finished()


def test_a_noshow_is_written_in_staffs_own_word(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow("a-1")
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_to_our_own_column_once(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate("a-1", NOTE)
    assert recorded.finished()


def test_booking_adds_a_row_under_an_id_of_ours_and_starts_no_formula(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor).book(booking("Mele"), our_ref="intent-1") == row_id("intent-1")
    assert recorded.finished()


def test_booking_again_finds_the_row_and_adds_none(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_again")
    assert build(SLUG, vendor).book(booking("Mele"), our_ref="intent-1") == row_id("intent-1")
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "wanted"), [("book_again", row_id("intent-1")), ("fetch_none", None)]
)
def test_a_booking_of_unknown_outcome_is_found_by_our_reference(
    vendor: Vendor, name: str, wanted: str | None
) -> None:
    vendor.answer = always(Reply(200, load(SLUG, name)[-1]["response"]["body"]))
    assert build(SLUG, vendor).find_booking(booking("Mele"), our_ref="intent-1") == wanted


def test_a_row_of_ours_that_was_cancelled_since_is_not_passed_off_as_booked(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "book_after_cancelling")
    with pytest.raises(Conflict):
        build(SLUG, vendor).book(booking("Mele"), our_ref="intent-1")
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "book_after_cancelling")
    assert build(SLUG, vendor).find_booking(booking("Mele"), our_ref="intent-1") is None


def test_booked_rows_of_a_calendar_take_its_time(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "busy")
    busy = build(SLUG, vendor).busy_times("Mele", START, END)
    quarter = datetime(2030, 3, 12, 20, 15, tzinfo=UTC)
    assert busy == [Busy(quarter, quarter + timedelta(minutes=45))]
    assert recorded.finished()


def test_googles_word_for_too_many_is_understood_whatever_the_status(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(403, {"error": {"status": "RESOURCE_EXHAUSTED"}})
    with pytest.raises(TooMany):
        build(SLUG, vendor).check()


def test_an_answer_that_names_no_range_is_not_taken_for_an_empty_sheet(vendor: Vendor) -> None:
    about = load(SLUG, "check")[0]["response"]["body"]
    vendor.answer = lambda request: Reply(200, {} if "values" in request.path else about)
    with pytest.raises(VendorFault):
        build(SLUG, vendor).fetch_appointment("a-1")


@pytest.mark.parametrize("wrong", ["soon", "-1", "1.5", "²"])
def test_a_setting_that_should_be_a_number_is_named_and_breaks_nothing(
    vendor: Vendor, wrong: str
) -> None:
    with pytest.raises(Refused) as caught:
        list(build(SLUG, vendor, days_back=wrong).poll_changes(None))
    assert caught.value.code == "bad_setting"
