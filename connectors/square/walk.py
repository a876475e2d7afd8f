"""Square lists no changes: a window of days is listed and compared with what the last walk saw.

The cursor is `{"seen": {booking: [start, version]}}`. What was seen and is no longer listed is asked
for by its id, so that a cancelled booking is found whether or not Square lists such.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from connectors.contract import Page
from connectors.errors import NotFound
from connectors.parsing import documented, instant
from connectors.square.wire import Row
from rebook.domain.appointments import Appointment

BATCH = 20
Marks = dict[str, tuple[str, str]]


def load(cursor: str | None) -> Marks:
    """A cursor we cannot read is none: everything is read again."""
    try:
        kept = json.loads(cursor or "{}")["seen"]
        return {str(k): (str(start), str(mark)) for k, (start, mark) in kept.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def dump(marks: Marks) -> str:
    return json.dumps({"seen": marks}, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True)
class Window:
    first: datetime
    last: datetime


class Walk:
    """`rows` lists the window, `one` reads one booking, `read` turns it into our words."""

    def __init__(
        self,
        rows: Callable[[Window], Iterable[Row]],
        one: Callable[[str], Row],
        read: Callable[[Row], Appointment],
    ) -> None:
        self._rows = rows
        self._one = one
        self._read = read

    def pages(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """A page after every few bookings that were read: an interrupted walk reads on from there."""
        first, last = window.first.isoformat(), window.last.isoformat()
        marks = {k: seen for k, seen in load(cursor).items() if seen[0] >= first}
        listed: set[str] = set()
        found: list[Appointment] = []
        for row in self._rows(window):
            if self._is_news(row, marks, listed):
                found.append(self._read(row))
            if len(found) == BATCH:
                yield Page(found, dump(marks))
                found = []
        if found:
            yield Page(found, dump(marks))
        for missing in [k for k, seen in marks.items() if k not in listed and seen[0] < last]:
            page = self._missing(missing, marks, listed)
            if page.appointments or page.gone:
                yield page
        yield Page([], dump(marks), last=True)

    def _missing(self, booking: str, marks: Marks, listed: set[str]) -> Page:
        try:
            row = self._one(booking)
        except NotFound:
            del marks[booking]
            return Page([], dump(marks), gone=[booking])
        seen = [self._read(row)] if self._is_news(row, marks, listed) else []
        return Page(seen, dump(marks))

    def _is_news(self, row: Row, marks: Marks, listed: set[str]) -> bool:
        with documented():
            own, mark = str(row["id"]), f"{row.get('version', '')}{row['status']}"
            start = instant(row["start_at"]).isoformat()
        before, marks[own] = marks.get(own), (start, mark)
        listed.add(own)
        return before is None or before[1] != mark
