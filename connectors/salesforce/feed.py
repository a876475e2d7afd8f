"""Events by when they were last touched, two hundred at a time.

The cursor is `{"at": instant, "id": id}` of the last one read. Each poll reads the last minutes
again, since a change may be committed after a later one was read.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from simple_salesforce.format import format_soql

from connectors.contract import Page
from connectors.parsing import documented, instant
from connectors.salesforce import wire
from connectors.salesforce.client import Org
from connectors.salesforce.wire import Fields
from rebook.domain import clock

AT_ONCE = 200
OVERLAP = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
TIMED = "IsChild = false AND IsAllDayEvent = false AND IsRecurrence = false"


def pages(
    org: Org, fields: Fields, settings: Mapping[str, str], cursor: str | None
) -> Iterator[Page]:
    reached = _load(cursor)
    at, after = reached - OVERLAP, ""
    oldest = clock.now() - timedelta(days=int(settings.get("days_back") or 30))
    while True:
        where = f"{TIMED} AND StartDateTime >= {wire.stamp(oldest)} AND {_later(at, after)}"
        soql = f"{fields.select(where)} ORDER BY SystemModstamp, Id LIMIT {AT_ONCE}"
        rows = list(org.query(soql, deleted_too=True))
        if rows:
            with documented():
                at, after = instant(rows[-1]["SystemModstamp"]), wire.known_id(rows[-1]["Id"])
        yield Page(
            [wire.appointment(row, fields, settings) for row in rows],
            json.dumps({"at": max(at, reached).isoformat(), "id": after}),
            last=len(rows) < AT_ONCE,
        )
        if len(rows) < AT_ONCE:
            return


def _later(at: datetime, after: str) -> str:
    """Many may be touched in one second: the id decides between them."""
    moment = wire.stamp(at)
    if not after:
        return f"SystemModstamp >= {moment}"
    same = format_soql("Id > {}", after)
    return f"(SystemModstamp > {moment} OR (SystemModstamp = {moment} AND {same}))"


def _load(cursor: str | None) -> datetime:
    """A cursor we cannot read is none: everything is read again."""
    try:
        return max(instant(json.loads(cursor or "{}")["at"]), EARLIEST)
    except (ValueError, KeyError, TypeError):
        return EARLIEST
