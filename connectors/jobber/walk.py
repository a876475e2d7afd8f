"""Jobber lists no changes: visits are walked by their start and compared with what the last walk saw.

The cursor is `{"seen": {id: [start, fingerprint]}, "next": start}`; it never holds a person.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.contract import Page
from connectors.errors import NotFound
from rebook.domain.appointments import Appointment

Listed = Iterator[tuple[list[Appointment], bool]]
MARGIN = timedelta(seconds=1)
"""Whether Jobber's bounds include themselves is not documented."""


@dataclass
class Seen:
    """What earlier walks saw, and where an interrupted one goes on."""

    marks: dict[str, tuple[str, str]] = field(default_factory=dict)
    next: str = ""

    @classmethod
    def load(cls, cursor: str | None) -> "Seen":
        """A cursor we cannot read is none: everything is read again."""
        try:
            kept = json.loads(cursor or "{}")
            marks = {str(k): (str(at), str(mark)) for k, (at, mark) in kept["seen"].items()}
            return cls(marks, str(kept.get("next") or ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self, next_start: str = "") -> str:
        kept = {"seen": self.marks, "next": next_start}
        return json.dumps(kept, separators=(",", ":"), sort_keys=True)

    def note(self, found: Appointment) -> bool:
        """Remember it; True when it is not as it was."""
        fresh = (_text(found.starts_at), _fingerprint(found))
        known = self.marks.get(found.id)
        self.marks[found.id] = fresh
        return known != fresh

    def missing(self, low: str, high: str, present: set[str]) -> list[str]:
        """Ids once seen in this span and no longer there: moved away, unscheduled or deleted."""
        return [k for k, (at, _) in self.marks.items() if low <= at < high and k not in present]


class Walk:
    """`list_` gives the visits that start in a period, in order; `one` reads one of them."""

    def __init__(
        self, list_: Callable[[datetime, datetime], Listed], one: Callable[[str], Appointment]
    ) -> None:
        self._list = list_
        self._one = one

    def pages(self, first: datetime, last: datetime, cursor: str | None) -> Iterator[Page]:
        """A page for each list that brought something, and a last one."""
        seen, present = Seen.load(cursor), set[str]()
        seen.marks = {k: mark for k, mark in seen.marks.items() if mark[0] >= _text(first)}
        low = seen.next if _text(first) < seen.next < _text(last) else _text(first)
        for found, more in self._list(datetime.fromisoformat(low) - MARGIN, last):
            high = _text(found[-1].starts_at) if more and found else _text(last)
            present |= {one.id for one in found}
            changed = [one for one in found if seen.note(one)]
            moved, gone = self._look_for(seen, seen.missing(low, high, present))
            if changed or moved or gone:
                yield Page(changed + moved, seen.dump(high if more else ""), gone=gone)
            low = high
        yield Page([], seen.dump(), last=True)

    def _look_for(self, seen: Seen, missing: list[str]) -> tuple[list[Appointment], list[str]]:
        moved, gone = [], []
        for identity in missing:
            try:
                found = self._one(identity)
            except NotFound:
                del seen.marks[identity]
                gone.append(identity)
                continue
            if seen.note(found):
                moved.append(found)
        return moved, gone


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _fingerprint(found: Appointment) -> str:
    return hashlib.sha256(repr(found).encode("utf-8", "replace")).hexdigest()[:12]
