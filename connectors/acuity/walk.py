"""Acuity lists no changes: a window of days is walked and compared with what the last walk saw.

The cursor is `{"seen": {id: [day, fingerprint]}, "next": day}`; it never holds a person.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from connectors.acuity.wire import Row
from connectors.contract import Page
from connectors.errors import NotFound, VendorFault
from rebook.domain.appointments import Appointment

LIMIT = 100
STEP = timedelta(days=14)
DAY = timedelta(days=1)

List = Callable[[date, date, str], list[Row]]


@dataclass(frozen=True)
class Window:
    first: date
    last: date


@dataclass
class Seen:
    """What earlier walks saw, and the day at which an interrupted one goes on."""

    marks: dict[str, tuple[str, str]] = field(default_factory=dict)
    next: str = ""

    @classmethod
    def load(cls, cursor: str | None) -> "Seen":
        """A cursor we cannot read is none: everything is read again."""
        try:
            kept = json.loads(cursor or "{}")
            marks = {str(k): (str(day), str(mark)) for k, (day, mark) in kept["seen"].items()}
            return cls(marks, str(kept.get("next") or ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self, next_day: date | None) -> str:
        kept = {"seen": self.marks, "next": next_day.isoformat() if next_day else ""}
        return json.dumps(kept, separators=(",", ":"), sort_keys=True)

    def start(self, window: Window) -> date:
        """The first day to walk; days that left the window are forgotten."""
        first = window.first.isoformat()
        self.marks = {k: seen for k, seen in self.marks.items() if seen[0] >= first}
        within = first < self.next <= window.last.isoformat()
        return date.fromisoformat(self.next) if within else window.first

    def missing(self, first: date, last: date, present: set[str]) -> list[str]:
        """Ids once seen on these days and no longer there: moved away, or gone."""
        span = (first.isoformat(), last.isoformat())
        return [
            known
            for known, (day, _mark) in self.marks.items()
            if span[0] <= day <= span[1] and known not in present
        ]

    def note(self, row: Row, appointment: Appointment) -> bool:
        """Remember the appointment; True when it is not as it was."""
        known = self.marks.get(appointment.id)
        self.marks[appointment.id] = (str(row["datetime"])[:10], appointment.version)
        return known is None or known[1] != appointment.version


class Walk:
    """One walk over the window. `rows` lists days, `one` reads one appointment's row."""

    def __init__(
        self,
        rows: List,
        one: Callable[[str], Row],
        calendars: Callable[[], list[str]],
        read: Callable[[Row], Appointment],
    ) -> None:
        self._rows = rows
        self._one = one
        self._calendars = calendars
        self._read = read

    def pages(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """A page for each span that brought something, and a last one."""
        seen = Seen.load(cursor)
        day = seen.start(window)
        while day <= window.last:
            step = min(day + STEP - DAY, window.last)
            for first, last, rows in self._spans(day, step):
                changed, gone = self._compare(seen, first, last, rows)
                if changed or gone:
                    yield Page(changed, seen.dump(last + DAY), gone=gone)
            day = step + DAY
        yield Page([], seen.dump(None), last=True)

    def _spans(self, first: date, last: date) -> Iterator[tuple[date, date, list[Row]]]:
        """Acuity has no paging: a list as long as its limit is cut off, so ask for less."""
        rows = self._rows(first, last, "")
        if len(rows) < LIMIT:
            yield first, last, rows
        elif first < last:
            middle = first + (last - first) // 2
            yield from self._spans(first, middle)
            yield from self._spans(middle + DAY, last)
        else:
            yield first, last, self._one_day(first)

    def _one_day(self, day: date) -> list[Row]:
        lists = [self._rows(day, day, calendar) for calendar in self._calendars()]
        if any(len(rows) >= LIMIT for rows in lists):
            raise VendorFault("a calendar holds more appointments in one day than Acuity lists")
        return [row for rows in lists for row in rows]

    def _compare(
        self, seen: Seen, first: date, last: date, rows: list[Row]
    ) -> tuple[list[Appointment], list[str]]:
        read = [(row, self._read(row)) for row in rows]
        changed = [found for row, found in read if seen.note(row, found)]
        gone = []
        for missing in seen.missing(first, last, {found.id for _row, found in read}):
            try:
                row = self._one(missing)
            except NotFound:
                del seen.marks[missing]
                gone.append(missing)
                continue
            moved = self._read(row)
            if seen.note(row, moved):
                changed.append(moved)
        return changed, gone
