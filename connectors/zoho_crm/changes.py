"""Zoho lists what was modified; what fell due or was deleted is looked at again when its time comes.

The cursor is `{"since": instant, "due": {id: end}, "day": date, "first": bool}`: from when to list,
the ends of what is booked, the day they were looked at, and whether the first reading goes on.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.contract import Page
from connectors.errors import WithoutTime
from connectors.parsing import documented, instant
from connectors.zoho_crm.records import AT_ONCE, FIRST, Records, Row
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Status

OVERLAP = timedelta(minutes=2)
"""How far Zoho's list may lag behind its own timestamps is not documented."""
A_SECOND = timedelta(seconds=1)

Read = Callable[[list[Row]], list[Appointment | WithoutTime]]


@dataclass
class Place:
    """Where the last reading ended."""

    since: str = ""
    due: dict[str, str] = field(default_factory=dict)
    day: str = ""
    first: bool = True

    @classmethod
    def load(cls, cursor: str | None) -> "Place":
        """A cursor we cannot read is none: everything is read again."""
        try:
            kept = json.loads(cursor or "{}")
            due = {str(int(k)): _stamp(instant(end)) for k, end in kept["due"].items()}
            return cls(
                _stamp(instant(kept["since"])), due, str(kept["day"]), kept["first"] is not False
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)


class Changes:
    """`late` is how long after its end an overdue appointment counts as missed."""

    def __init__(
        self, records: Records, module: str, fields: str, read: Read, late: timedelta
    ) -> None:
        self._records = records
        self._module = module
        self._fields = fields
        self._read = read
        self._late = late

    def pages(self, cursor: str | None) -> Iterator[Page]:
        place = Place.load(cursor)
        place.day = place.day or _stamp(clock.now())[:10]
        for page in self._modified(place):
            yield Page(page.appointments, place.dump(), gone=page.gone)
        place.first = False
        yield from self._fallen_due(place)
        yield Page([], place.dump(), last=True)

    def _modified(self, place: Place) -> Iterator[Page]:
        """Page numbers slip when a record is modified meanwhile, so each page starts a fresh list.

        Going on with a first reading, what was lost before anybody looked is left out.
        """
        resumed = place.first and bool(place.since)
        since = instant(place.since) - OVERLAP if place.since else None
        at: Row | None = FIRST
        while at is not None:
            rows, at = self._records.page(self._module, self._fields, at, since=since)
            page = self._page(rows, place)
            kept = [one for one in page.appointments if one.status is Status.BOOKED or not resumed]
            if not rows:
                return
            with documented():
                place.since = _stamp(instant(rows[-1]["Modified_Time"]))
            yield Page(kept, "", gone=page.gone)
            reached = instant(place.since) - A_SECOND
            if at is not None and (since is None or reached > since):
                since, at = reached, FIRST

    def _fallen_due(self, place: Place) -> Iterator[Page]:
        """What should be over by now; once a day all that is booked, since deletions are not listed."""
        now = clock.now()
        today, over = _stamp(now)[:10], _stamp(now - self._late)
        ready = [one for one, end in place.due.items() if end <= over or place.day != today]
        for at in range(0, len(ready), AT_ONCE):
            asked = ready[at : at + AT_ONCE]
            rows = self._records.some(self._module, asked, self._fields)
            page = self._page(rows, place)
            there = {str(row.get("id")) for row in rows}
            missing = [one for one in asked if one not in there]
            for one in missing:
                del place.due[one]
            yield Page(page.appointments, place.dump(), gone=[*page.gone, *missing])
        place.day = today

    def _page(self, rows: list[Row], place: Place) -> Page:
        found, gone = [], []
        for row, one in zip(rows, self._read(rows), strict=True):
            identity = str(row["id"])
            if isinstance(one, WithoutTime):
                gone += [identity] if place.due.pop(identity, None) else []
                continue
            found.append(one)
            if one.status is Status.BOOKED and one.ends_at + self._late > clock.now():
                place.due[identity] = _stamp(one.ends_at)
            else:
                place.due.pop(identity, None)
        return Page(found, "", gone=gone)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
