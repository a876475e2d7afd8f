"""Freshdesk's list by time of change. Pages shift while tickets change, so each page starts at a time.

The cursor is `{"since": instant}`: the latest change that was read.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.errors import VendorFault
from connectors.freshdesk.wire import Row, stamp
from connectors.http import Http
from connectors.parsing import documented, instant, json_of

SIZE = 100
LAST_PAGE = 300
SECOND = timedelta(seconds=1)
OVERLAP = timedelta(minutes=2)
"""Read again at each poll: two clocks that differ a little lose nothing."""


@dataclass(frozen=True)
class Changed:
    """One page of tickets, the latest change on it, and whether it is the last."""

    tickets: list[Row]
    latest: datetime
    last: bool

    @property
    def cursor(self) -> str:
        return json.dumps({"since": stamp(self.latest)})


def load(cursor: str | None) -> datetime | None:
    """A cursor we cannot read is none: everything is read again."""
    kept = json_of(cursor or "{}")
    try:
        return instant(str(kept["since"])) if isinstance(kept, dict) else None
    except (KeyError, ValueError):
        return None


def changed(http: Http, read_until: datetime) -> Iterator[Changed]:
    """Oldest first. A page that ends in the second it began with is followed by its next number."""
    latest, since, page, last = read_until, read_until - OVERLAP, 1, False
    while not last:
        tickets = _page(http, since, page)
        with documented():
            latest = max([latest, *(instant(ticket["updated_at"]) for ticket in tickets)])
        last = len(tickets) < SIZE
        yield Changed(tickets, latest, last)
        if latest - SECOND > since:
            since, page = latest - SECOND, 1
        else:
            page += 1
        if page > LAST_PAGE:
            raise VendorFault("more tickets changed in one second than Freshdesk lists")


def _page(http: Http, since: datetime, page: int) -> list[Row]:
    rows = http.get(
        "tickets",
        updated_since=stamp(since),
        order_by="updated_at",
        order_type="asc",
        include="requester",
        per_page=SIZE,
        page=page,
    )
    with documented():
        return [dict(row) for row in rows]
