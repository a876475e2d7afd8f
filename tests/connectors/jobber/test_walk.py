"""The walk over Jobber's visits: nothing lost, nothing told twice without a reason, killed anywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Page
from connectors.errors import NotFound, TooMany, WithoutTime
from connectors.jobber.walk import Listed, Walk
from rebook.domain.appointments import Appointment, Status

FIRST = datetime(2030, 3, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=30)
SIZE = 3


class Account:
    """Visits in memory by hour of the window; None is a visit without a time."""

    def __init__(self, **hours: int | None) -> None:
        self.hours: dict[str, int | None] = dict(hours)
        self.fails_at = 0

    def listed(self, first: datetime, last: datetime) -> Listed:
        timed = [one for name in self.hours if (one := self._seen(name)) is not None]
        found = sorted((a for a in timed if first < a.starts_at < last), key=lambda a: a.starts_at)
        pages = [found[n : n + SIZE] for n in range(0, len(found), SIZE)] or [[]]
        for number, page in enumerate(pages, 1):
            if number == self.fails_at:
                raise TooMany("slow down")
            yield page, number < len(pages)

    def one(self, name: str) -> Appointment:
        if name not in self.hours:
            raise NotFound("deleted")
        found = self._seen(name)
        if found is None:
            raise WithoutTime("unscheduled")
        return found

    def _seen(self, name: str) -> Appointment | None:
        hour = self.hours[name]
        if hour is None:
            return None
        start = FIRST + timedelta(hours=hour)
        return Appointment(name, Status.BOOKED, start, start + timedelta(hours=1), "UTC")

    def pages(self, cursor: str | None) -> Iterator[Page]:
        return Walk(self.listed, self.one).pages(FIRST, LAST, cursor)

    def poll(self, cursor: str | None) -> tuple[list[str], list[str], str]:
        pages = list(self.pages(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        changed = [one.id for page in pages for one in page.appointments]
        return changed, [one for page in pages for one in page.gone], pages[-1].cursor


def test_everything_is_told_once_and_then_only_what_changed() -> None:
    account = Account(a=1, b=2, c=3, d=4, e=5)
    changed, gone, cursor = account.poll(None)
    assert (changed, gone) == (["a", "b", "c", "d", "e"], [])
    account.hours["d"] = 7
    assert account.poll(cursor)[:2] == (["d"], [])


@pytest.mark.parametrize("lost", [None, "deleted"])
def test_an_unscheduled_and_a_deleted_visit_are_gone(lost: str | None) -> None:
    account = Account(a=1, b=2, c=3)
    cursor = account.poll(None)[2]
    if lost:
        del account.hours["b"]
    else:
        account.hours["b"] = None
    changed, gone, cursor = account.poll(cursor)
    assert (changed, gone) == ([], ["b"])
    assert account.poll(cursor)[:2] == ([], [])


def test_an_unscheduled_visit_that_gets_a_time_is_told_again() -> None:
    account = Account(a=1)
    cursor = account.poll(None)[2]
    account.hours["a"] = None
    cursor = account.poll(cursor)[2]
    account.hours["a"] = 9
    assert account.poll(cursor)[:2] == (["a"], [])


def test_a_visit_moved_out_of_the_window_is_told_with_its_new_time() -> None:
    account = Account(a=1, b=2)
    cursor = account.poll(None)[2]
    account.hours["a"] = 24 * 90
    changed, gone, cursor = account.poll(cursor)
    assert (changed, gone) == (["a"], [])
    assert account.poll(cursor)[:2] == ([], [])


def test_an_interrupted_walk_goes_on_where_it_was() -> None:
    account = Account(a=1, b=2, c=3, d=4, e=5, f=6, g=7)
    account.fails_at = 3
    cursors = []
    with pytest.raises(TooMany):
        cursors += [page.cursor for page in account.pages(None)]
    pages = account.pages(None)
    kept = [next(pages).cursor, next(pages).cursor]
    account.fails_at = 0
    assert account.poll(kept[-1])[0] == ["g"]


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", "null", '{"seen": 3}', '{"seen": {"a": []}}', "?"]
)
def test_a_cursor_that_cannot_be_read_means_reading_all(cursor: str) -> None:
    assert Account(a=1, b=2).poll(cursor)[0] == ["a", "b"]


def test_no_person_is_in_the_cursor() -> None:
    assert "Status" not in Account(a=1).poll(None)[2]
    assert len(Account(a=1).poll(None)[2]) < 100


HOURS = st.dictionaries(st.sampled_from("abcdefghij"), st.none() | st.integers(1, 700), max_size=10)


@given(before=HOURS, after=HOURS, killed_at=st.integers(0, 4))
def test_whatever_changes_is_told_even_if_the_walk_is_killed(
    before: dict[str, int | None], after: dict[str, int | None], killed_at: int
) -> None:
    account = Account(**before)
    cursor = account.poll(None)[2]
    account.hours = dict(after)
    told: dict[str, int | None] = {k: h for k, h in before.items() if h is not None}
    for number, page in enumerate(account.pages(cursor)):
        if number == killed_at:
            break
        cursor = page.cursor
        _tell(told, page)
    for page in account.pages(cursor):
        _tell(told, page)
    assert told == {k: h for k, h in after.items() if h is not None}


def _tell(told: dict[str, int | None], page: Page) -> None:
    for one in page.appointments:
        told[one.id] = int((one.starts_at - FIRST).total_seconds() // 3600)
    for gone in page.gone:
        del told[gone]
