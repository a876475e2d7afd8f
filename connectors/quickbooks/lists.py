"""What changed in QuickBooks: its change data, which names deleted ones too, or a query where that ends.

The cursor is `{"since": instant}` by QuickBooks' own clock.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Page
from connectors.http import Http
from connectors.parsing import documented, instant, json_of
from connectors.quickbooks.wire import (
    Row,
    Settings,
    appointment,
    customer_of,
    is_void,
    person,
    stamp,
)
from rebook.domain import clock

MOST = 1000
"""Change data ends here without a word, and goes back thirty days."""
OLDEST = timedelta(days=29)
SIZE = 100
SECOND, OVERLAP = timedelta(seconds=1), timedelta(minutes=5)


def load(cursor: str | None) -> datetime | None:
    """A cursor we cannot read is none: everything is read again."""
    kept = json_of(cursor or "{}")
    try:
        return instant(str(kept["since"])) if isinstance(kept, dict) else None
    except (KeyError, ValueError):
        return None


class Changes:
    """`days_back` is where the very first reading begins; what is gone by then nobody knew."""

    def __init__(self, http: Http, settings: Settings, days_back: int) -> None:
        self._http = http
        self._settings = settings
        self._start = clock.now() - timedelta(days=days_back)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        since = load(cursor)
        if since is None:
            yield from self._queried(self._start, first=True)
        elif since < clock.now() - OLDEST:
            yield from self._queried(since - OVERLAP)
        else:
            yield from self._told(since - OVERLAP)

    def _told(self, since: datetime) -> Iterator[Page]:
        answer = self._http.get("cdc", entities="Invoice", changedSince=stamp(since))
        with documented():
            parts = answer["CDCResponse"][0]["QueryResponse"]
            rows = [dict(row) for part in parts for row in part.get("Invoice") or []]
            now = instant(answer["time"])
        if len(rows) >= MOST:
            yield from self._queried(since)
            return
        with documented():
            gone = [str(int(row["Id"])) for row in rows if row.get("status") == "Deleted"]
        yield self._page([r for r in rows if r.get("status") != "Deleted"], now, gone, last=True)

    def _queried(self, since: datetime, *, first: bool = False) -> Iterator[Page]:
        """Oldest first, from a time on: what changes meanwhile moves to the end and pushes none out."""
        position, last = 1, False
        while not last:
            answer = self._http.get("query", query=_changed(since, position))
            with documented():
                rows = [dict(row) for row in answer["QueryResponse"].get("Invoice") or []]
                times = [instant(row["MetaData"]["LastUpdatedTime"]) for row in rows]
                last = len(rows) < SIZE
                latest = instant(answer["time"]) if last else max(times)
            yield self._page(rows, latest, [], last=last, first=first)
            if latest - SECOND > since:
                since, position = latest - SECOND, 1
            else:
                position += SIZE

    def _page(
        self,
        rows: list[dict[str, Any]],
        until: datetime,
        gone: list[str],
        *,
        last: bool,
        first: bool = False,
    ) -> Page:
        """A void that lost its time is gone: what we knew of it is all there is."""
        read = [(row, appointment(row, self._settings)) for row in rows]
        with documented():
            voids = [str(int(r["Id"])) for r, one in read if not one and is_void(r, self._settings)]
        found = [(row, one) for row, one in read if one]
        customers = self._customers([row for row, _one in found])
        named = [
            replace(one, person=person(r, customers.get(customer_of(r), {}), self._settings))
            for r, one in found
        ]
        return Page(
            named,
            json.dumps({"since": until.isoformat()}),
            last=last,
            gone=[] if first else [*gone, *voids],
        )

    def _customers(self, invoices: Sequence[Row]) -> dict[str, Row]:
        """Inactive ones too, a hundred to a question."""
        with documented():
            ids = sorted({customer_of(invoice) for invoice in invoices} - {""})
        found: dict[str, Row] = {}
        for start in range(0, len(ids), SIZE):
            named = ", ".join(f"'{one}'" for one in ids[start : start + SIZE])
            asked = _select("Customer", f"Id IN ({named}) AND Active IN (true, false)")
            answer = self._http.get("query", query=asked)
            with documented():
                rows = answer["QueryResponse"].get("Customer") or []
                found |= {str(row["Id"]): row for row in rows}
        return found


def _changed(since: datetime, position: int) -> str:
    where = f"MetaData.LastUpdatedTime > '{stamp(since)}' ORDERBY MetaData.LastUpdatedTime"
    return _select("Invoice", where, position)


def _select(entity: str, where: str, position: int = 1) -> str:
    """Ids and instants only: nothing that people wrote is in a query."""
    page = ("STARTPOSITION", str(position), "MAXRESULTS", str(SIZE))
    return " ".join(("SELECT * FROM", entity, "WHERE", where, *page))
