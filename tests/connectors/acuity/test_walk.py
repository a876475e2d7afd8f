"""The walk over Acuity's days, against a book that hides what a cut-off list would hide."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.acuity import wire
from connectors.acuity.walk import LIMIT, Walk, Window
from connectors.contract import Page
from connectors.errors import NotFound, TooMany, VendorFault
from rebook.domain.appointments import Appointment

FIRST = date(2030, 3, 1)
WINDOW = Window(FIRST, FIRST + timedelta(days=30))


class Book:
    """An Acuity account in memory: lists at most `LIMIT` rows and gives no way to the rest."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[date, date, str]] = []
        self.fails_at = 0

    def put(self, number: int, day: int, **over: Any) -> None:
        when = datetime(2030, 3, 1) + timedelta(days=day, hours=10)  # noqa: DTZ001 - a wall clock
        self.rows[number] = {
            "id": number,
            "datetime": f"{when.isoformat()}-1000",
            "duration": "45",
            "canceled": False,
            "appointmentTypeID": 9101,
            "calendarID": 8101,
            **over,
        }

    def listed(self, first: date, last: date, calendar: str) -> list[wire.Row]:
        self.asked.append((first, last, calendar))
        if len(self.asked) == self.fails_at:
            raise TooMany("slow down")
        found: list[wire.Row] = [
            row
            for row in self.rows.values()
            if first.isoformat() <= row["datetime"][:10] <= last.isoformat()
            and calendar in ("", str(row["calendarID"]))
        ]
        return found[:LIMIT]

    def one(self, appointment_id: str) -> wire.Row:
        if int(appointment_id) not in self.rows:
            raise NotFound("gone")
        return self.rows[int(appointment_id)]

    def pages(self, cursor: str | None, window: Window = WINDOW) -> Iterator[Page]:
        self.asked.clear()
        walk = Walk(
            self.listed,
            self.one,
            lambda: sorted({str(row["calendarID"]) for row in self.rows.values()}),
            lambda row: wire.appointment(row, region="US"),
        )
        return walk.pages(window, cursor)

    def poll(self, cursor: str | None, window: Window = WINDOW) -> tuple[list[str], str, list[str]]:
        pages = list(self.pages(cursor, window))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [a.id for page in pages for a in page.appointments]
        return found, pages[-1].cursor, [one for page in pages for one in page.gone]


@pytest.fixture
def book() -> Book:
    made = Book()
    for number in range(1, 6):
        made.put(number, day=number * 5)
    return made


def test_the_first_walk_brings_everything_and_the_next_nothing(book: Book) -> None:
    found, cursor, _gone = book.poll(None)
    assert found == ["1", "2", "3", "4", "5"]
    assert book.poll(cursor) == ([], cursor, [])


@pytest.mark.parametrize(
    "change",
    [
        {"canceled": True},
        {"canceled": True, "noShow": True},
        {"datetime": "2030-03-16T11:00:00-1000"},
        {"calendarID": 8102},
        {"phone": "+18085550124"},
    ],
)
def test_what_changed_comes_again_and_nothing_else(book: Book, change: dict[str, Any]) -> None:
    _found, cursor, _gone = book.poll(None)
    book.rows[3].update(change)
    assert book.poll(cursor)[0] == ["3"]


def test_a_note_for_staff_is_no_change(book: Book) -> None:
    _found, cursor, _gone = book.poll(None)
    book.rows[3]["notes"] = "Gate code at the desk."
    assert book.poll(cursor)[0] == []


def test_an_appointment_that_moved_past_the_window_is_fetched_and_told(book: Book) -> None:
    _found, cursor, _gone = book.poll(None)
    book.put(3, day=90)
    assert book.poll(cursor)[0] == ["3"]


def test_an_appointment_that_moved_behind_the_walk_is_not_lost(book: Book) -> None:
    """It leaves a later day for an earlier one after the earlier one was read."""
    _found, cursor, _gone = book.poll(None)
    book.rows[1]["canceled"] = True
    walk = book.pages(cursor)
    told = [a.id for a in next(walk).appointments]
    book.put(5, day=1)
    told += [a.id for page in walk for a in page.appointments]
    assert told == ["1", "5"]


def test_an_appointment_that_acuity_no_longer_knows_is_told_as_gone(book: Book) -> None:
    _found, cursor, _gone = book.poll(None)
    del book.rows[2]
    found, cursor, gone = book.poll(cursor)
    assert (found, gone) == ([], ["2"])
    assert book.poll(cursor)[2] == []


def test_days_that_left_the_window_are_forgotten_without_a_word(book: Book) -> None:
    _found, cursor, _gone = book.poll(None)
    later = Window(FIRST + timedelta(days=8), FIRST + timedelta(days=38))
    found, shorter, gone = book.poll(cursor, later)
    assert (found, gone) == ([], [])
    assert len(shorter) < len(cursor)


def test_an_interrupted_walk_goes_on_at_the_page_that_was_stored(book: Book) -> None:
    book.fails_at = 3
    walk = book.pages(None)
    pages = [next(walk), next(walk)]
    with pytest.raises(TooMany):
        next(walk)
    book.fails_at = 0
    found, _cursor, _gone = book.poll(pages[-1].cursor)
    assert [a.id for page in pages for a in page.appointments] + found == ["1", "2", "3", "4", "5"]
    assert book.asked[0][0] > FIRST


def test_a_full_list_is_asked_for_in_smaller_parts_until_nothing_is_hidden(book: Book) -> None:
    for number in range(100, 100 + 3 * LIMIT):
        book.put(number, day=number % 5)
    found = book.poll(None)[0]
    assert len(found) == len(set(found)) == 5 + 3 * LIMIT


def test_one_full_day_is_asked_for_by_calendar(book: Book) -> None:
    for number in range(100, 100 + LIMIT + 20):
        book.put(number, day=4, calendarID=8101 + number % 2)
    assert len(book.poll(None)[0]) == 5 + LIMIT + 20
    assert {calendar for _first, _last, calendar in book.asked} == {"", "8101", "8102"}


def test_a_day_that_cannot_be_read_whole_is_an_error_and_not_a_gap(book: Book) -> None:
    for number in range(100, 100 + LIMIT):
        book.put(number, day=4)
    with pytest.raises(VendorFault):
        book.poll(None)


@pytest.mark.parametrize("cursor", ["", "not json", "[]", '{"seen": {"1": 5}}', '{"seen": null}'])
def test_a_cursor_that_cannot_be_read_means_reading_everything(book: Book, cursor: str) -> None:
    assert book.poll(cursor)[0] == ["1", "2", "3", "4", "5"]


def test_the_cursor_holds_nobody(book: Book) -> None:
    book.rows[1] |= {"firstName": "Ana", "email": "ana@example.com", "phone": "+18085550123"}
    cursor = book.poll(None)[1]
    assert not {"Ana", "ana@example.com", "8085550123"} & set(cursor.split('"'))
    assert "Ana" not in cursor


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=40))
def test_after_any_changes_the_polls_together_have_told_the_final_state(
    changes: list[tuple[int, bool]],
) -> None:
    book = Book()
    told: dict[str, Appointment] = {}
    cursor: str | None = None
    for number, (day, canceled) in enumerate(changes):
        book.put(number % 7 + 1, day=day, canceled=canceled)
        for page in book.pages(cursor):
            told |= {a.id: a for a in page.appointments}
            cursor = page.cursor
    assert told == {str(k): wire.appointment(row, region="US") for k, row in book.rows.items()}
