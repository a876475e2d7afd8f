"""HubSpot's records by when they were last changed; then those that were archived.

The cursor is `{"at": milliseconds, "archived": milliseconds}`: the second moves on only when a run
has come to its end, so that a run that broke off loses no deletion. Pages follow the time and not an
offset: a record that changes while we read moves to the end of the list, and an offset would then
skip another one.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Page
from connectors.errors import VendorFault
from connectors.http import Http
from connectors.hubspot import wire
from connectors.hubspot.records import AT_ONCE, Records, path
from connectors.hubspot.wire import Names, Row
from connectors.parsing import documented
from rebook.domain import clock

OVERLAP = timedelta(minutes=2)
CHANGED = "hs_lastmodifieddate"
MOST = 10_000
"""What one search will page through."""


class Feed:
    def __init__(
        self, http: Http, names: Names, records: Records, settings: Mapping[str, str]
    ) -> None:
        self._http = http
        self._names = names
        self._records = records
        self._oldest = clock.now() - timedelta(days=int(settings.get("days_back") or 30))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        reached, archived = _load(cursor)
        began = _number(clock.now())
        overlap = int(OVERLAP.total_seconds() * 1000)
        latest = reached
        for numbers, at in self._changed(max(reached - overlap, 0)):
            latest = max(latest, at)
            found, gone = self._records.appointments(numbers)
            yield Page(found, _cursor(latest, archived or began), gone=gone)
        for gone in self._archived(archived - overlap) if archived else ():
            yield Page([], _cursor(latest, archived), gone=gone)
        yield Page([], _cursor(latest or began, latest or began), last=True)

    def _changed(self, at: int) -> Iterator[tuple[list[str], int]]:
        """Ids with the time up to which all have been told."""
        told: set[str] = set()
        after = ""
        while True:
            answer = self._search(at, after)
            with documented():
                rows = [(str(row["id"]), _changed_at(row)) for row in answer["results"]]
                following = ((answer.get("paging") or {}).get("next") or {}).get("after", "")
            last = rows[-1][1] if rows else at
            yield [number for number, _ in rows if number not in told], last
            if not following:
                return
            if last > at:
                told, after = {number for number, when in rows if when == last}, ""
            else:
                told, after = told | {number for number, _ in rows}, str(following)
            if len(told) >= MOST:
                raise VendorFault("more were changed at one moment than a search can tell")
            at = last

    def _search(self, at: int, after: str) -> Any:
        since = {"propertyName": CHANGED, "operator": "GTE", "value": str(at)}
        recent = {
            "propertyName": self._names.start,
            "operator": "GTE",
            "value": wire.milliseconds(self._oldest),
        }
        body = {
            "filterGroups": [{"filters": [since, recent]}],
            "sorts": [{"propertyName": CHANGED, "direction": "ASCENDING"}],
            "properties": [CHANGED],
            "limit": AT_ONCE,
            **({"after": after} if after else {}),
        }
        return self._http.post(f"{path(self._names.object)}/search", body)

    def _archived(self, since: int) -> Iterator[list[str]]:
        """A search leaves archived records out: they are listed, and the recent ones told."""
        after: str | None = None
        while True:
            answer = self._http.get(
                path(self._names.object), archived=True, limit=AT_ONCE, after=after
            )
            with documented():
                yield [str(row["id"]) for row in answer["results"] if _archived_at(row) >= since]
                after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return


def _changed_at(row: Row) -> int:
    return _number(wire.moment(row["properties"][CHANGED]))


def _archived_at(row: Row) -> int:
    return _number(wire.moment(row.get("archivedAt") or row["updatedAt"]))


def _number(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def _cursor(at: int, archived: int) -> str:
    return json.dumps({"at": at, "archived": archived})


def _load(cursor: str | None) -> tuple[int, int]:
    """A cursor we cannot read is none: everything is read again."""
    try:
        kept = json.loads(cursor or "{}")
        at = max(int(kept["at"]), 0)
        return at, max(int(kept.get("archived", at)), 0)
    except (ValueError, KeyError, TypeError, OverflowError):
        return 0, 0
