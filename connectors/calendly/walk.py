"""Calendly lists no changes: a window of days is listed and compared with what the last walk saw.

The cursor is `{"seen": {event: [start, mark]}}`. Who is invited is read of new and changed events
alone, and of those under way or past, which a host may have marked as missed since.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from connectors.calendly import wire
from connectors.calendly.wire import Row, Visit
from connectors.contract import Page
from connectors.parsing import documented, instant
from rebook.domain import clock
from rebook.domain.appointments import Appointment

BATCH = 20
LATE_MARKS = timedelta(days=1)

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


class Walk:
    """`events` lists the window from its first instant; `visits` reads who is invited to one."""

    def __init__(
        self,
        events: Callable[[datetime], Iterable[Row]],
        visits: Callable[[Row], Iterable[Visit]],
        read: Callable[[Visit], Appointment],
    ) -> None:
        self._events = events
        self._visits = visits
        self._read = read

    def pages(self, first: datetime, cursor: str | None) -> Iterator[Page]:
        """A page after every few events that were read: an interrupted walk reads on from there."""
        oldest = first.isoformat()
        marks = {k: seen for k, seen in load(cursor).items() if seen[0] >= oldest}
        found: list[Appointment] = []
        read = 0
        for event in self._events(first):
            if not self._is_news(event, marks):
                continue
            found += [self._read(visit) for visit in self._visits(event)]
            read += 1
            if read % BATCH == 0:
                yield Page(found, dump(marks))
                found = []
        yield Page(found, dump(marks), last=True)

    def _is_news(self, event: Row, marks: Marks) -> bool:
        with documented():
            own, start = wire.last_part(event["uri"]), instant(event["start_time"])
            told = json.dumps([event["updated_at"], event["status"], event.get("invitees_counter")])
        mark = hashlib.sha256(told.encode()).hexdigest()[:8]
        before, marks[own] = marks.get(own), (start.isoformat(), mark)
        now = clock.now()
        return before is None or before[1] != mark or now - LATE_MARKS <= start <= now
