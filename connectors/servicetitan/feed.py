"""ServiceTitan's export feed, then what the clock alone shows: visits whose time has passed.

The cursor is `{"from": token}`; the feed gives a token even where it has no more.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import timedelta

from connectors.contract import Page
from connectors.errors import Refused
from connectors.parsing import documented, instant
from connectors.servicetitan import wire
from connectors.servicetitan.records import AT_ONCE, Records, Tenant
from connectors.servicetitan.wire import Row
from rebook.domain import clock

OVERDUE_DAYS = timedelta(days=2)


def pages(tenant: Tenant, records: Records, cursor: str | None) -> Iterator[Page]:
    """The first reading lists what stands, however long ago it was made; then the feed tells of changes.

    A token that is no longer taken means reading the feed from the first day again.
    """
    token = _token(cursor)
    if not token:
        token = _day(timedelta(days=1))
        for rows in _chunks(_standing(tenant, token)):
            yield Page(records.appointments(rows), _cursor(""))
    try:
        token = yield from _feed(tenant, records, token)
    except Refused:
        token = yield from _feed(tenant, records, _day(_days_back(tenant.settings)))
    for rows in _chunks(_overdue(tenant)):
        yield Page(records.appointments(rows), _cursor(token))
    yield Page([], _cursor(token), last=True)


def _standing(tenant: Tenant, day: str) -> Iterator[Row]:
    """Those that were last touched before the day on which the feed begins."""
    period = {
        "startsOnOrAfter": wire.stamp(clock.now() - _days_back(tenant.settings)),
        "modifiedBefore": f"{day}T00:00:00Z",
    }
    for row in tenant.listed("jpm", "appointments", **period):
        if row.get("status") in wire.STANDING:
            yield row


def _feed(tenant: Tenant, records: Records, token: str) -> Generator[Page, None, str]:
    """The cursor moves past a page of the feed only with its last fifty. Returns the next token."""
    more = True
    while more:
        answer = tenant.get(
            "jpm", "export/appointments", **{"from": token}, includeRecentChanges=True
        )
        with documented():
            rows, more = list(answer["data"]), bool(answer["hasMore"])
            following = str(answer["continueFrom"])
            gone = [str(wire.own_of(row)) for row in rows if not row["active"]]
            kept = [row for row in rows if row["active"] and _is_recent(row, tenant.settings)]
        for some in _chunks(row for row in kept if wire.is_told(row, tenant.settings)):
            yield Page(records.appointments(some), _cursor(token))
        more, token = more and following != token, following
        yield Page([], _cursor(token), gone=gone)
    return token


def _is_recent(row: Row, settings: Mapping[str, str]) -> bool:
    return instant(row["end"]) > clock.now() - _days_back(settings)


def _overdue(tenant: Tenant) -> Iterator[Row]:
    """Nothing changes at ServiceTitan when a visit's time passes: they are looked for by their start."""
    if not tenant.settings.get("missed_after"):
        return
    now = clock.now()
    period = {
        "startsOnOrAfter": wire.stamp(now - OVERDUE_DAYS),
        "startsBefore": wire.stamp(now),
    }
    for row in tenant.listed("jpm", "appointments", **period):
        with documented():
            overdue = wire.is_overdue(row, tenant.settings)
        if overdue:
            yield row


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _day(ago: timedelta) -> str:
    return (clock.now() - ago).date().isoformat()


def _days_back(settings: Mapping[str, str]) -> timedelta:
    return timedelta(days=int(settings.get("days_back") or 30))


def _cursor(token: str) -> str:
    return json.dumps({"from": token})


def _token(cursor: str | None) -> str:
    """A cursor we cannot read is none."""
    try:
        kept = json.loads(cursor or "{}")
        return str(kept.get("from") or "")
    except (ValueError, AttributeError):
        return ""
