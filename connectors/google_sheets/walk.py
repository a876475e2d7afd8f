"""Sheets list no changes: the rows are read in spans and compared with what the last walk saw.

The cursor is `{"seen": {id: fingerprint}, "next": row}`; it never holds a person.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from connectors.contract import Page
from connectors.errors import Refused
from connectors.google_sheets import wire
from connectors.google_sheets.tab import Tab
from connectors.google_sheets.table import Table
from connectors.parsing import whole_number
from rebook.domain import clock
from rebook.domain.appointments import Appointment

SPAN = 1000


class Walk:
    """One walk over the tab, or over the rest of it where an earlier one was cut short."""

    def __init__(self, tab: Tab, settings: Mapping[str, str], cursor: str | None) -> None:
        self._tab = tab
        self._settings = settings
        self._seen, self._next = _load(cursor)
        self._met: set[str] = set()
        self._oldest = clock.now() - timedelta(days=whole_number(settings, "days_back", 30))

    def pages(self) -> Iterator[Page]:
        """A page for each span that brought something, and a last one that tells what is gone."""
        about = self._tab.about()
        for first in range(max(self._next, self._tab.first_row), about.rows + 1, SPAN):
            last = min(first + SPAN - 1, about.rows)
            changed = self._changed(self._tab.window(first, last), about.zone)
            if changed:
                yield Page(changed, self._cursor(last + 1))
        gone = self._gone()
        yield Page([], self._cursor(0), last=True, gone=gone)

    def _changed(self, table: Table, zone: str) -> list[Appointment]:
        found = []
        for row in table.rows():
            if row.id in self._met:
                continue
            self._met.add(row.id)
            seen = wire.readable(row, self._settings, zone)
            if seen is not None and self._is_news(seen):
                found.append(seen)
        return found

    def _is_news(self, seen: Appointment) -> bool:
        """What ended long ago is forgotten, so that the cursor stays small."""
        if seen.ends_at < self._oldest:
            self._seen.pop(seen.id, None)
            return False
        known = self._seen.get(seen.id)
        self._seen[seen.id] = seen.version
        return known != seen.version

    def _gone(self) -> list[str]:
        """Rows not met are looked for in one reading of all: they may have been sorted away from us."""
        missing = [known for known in self._seen if known not in self._met]
        if not missing:
            return []
        there = {row.id for row in self._tab.snapshot().rows()}
        gone = [known for known in missing if known not in there]
        if len(gone) > whole_number(self._settings, "most_gone", 20):
            raise Refused("more rows went away at once than is believed", code="many_rows_gone")
        for known in gone:
            del self._seen[known]
        return gone

    def _cursor(self, following: int) -> str:
        kept = {"seen": self._seen, "next": following}
        return json.dumps(kept, separators=(",", ":"), sort_keys=True)


def _load(cursor: str | None) -> tuple[dict[str, str], int]:
    """A cursor we cannot read is none: everything is read again."""
    try:
        kept = json.loads(cursor or "{}")
        seen = {str(known): str(mark) for known, mark in kept["seen"].items()}
        return seen, int(kept["next"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, 0
