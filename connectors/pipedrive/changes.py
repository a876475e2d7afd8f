"""Pipedrive lists what was updated, but not what merely fell due nor what was deleted.

The cursor is `{"since": instant, "due": {id: end}, "day": date, "page": token, "began": instant}`:
from when to list, the ends of what is booked and the day they were looked at, and a first reading.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Page
from connectors.errors import NoAppointment, Refused, WithoutTime
from connectors.http import Http
from connectors.parsing import documented, instant
from connectors.pipedrive.wire import Row
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Status

LIMIT = 100
OVERLAP = timedelta(minutes=2)
"""How far Pipedrive's list may lag behind its own timestamps is not documented."""


@dataclass
class Place:
    """Where the last reading ended."""

    since: str = ""
    due: dict[str, str] = field(default_factory=dict)
    day: str = ""
    page: str = ""
    began: str = ""

    @classmethod
    def load(cls, cursor: str | None) -> "Place":
        """A cursor we cannot read is none: everything is read again."""
        try:
            kept = json.loads(cursor or "{}")
            due = {str(int(k)): _stamp(instant(end)) for k, end in kept["due"].items()}
            since = _stamp(instant(kept["since"])) if kept["since"] else ""
            return cls(since, due, str(kept["day"]), str(kept["page"]), str(kept["began"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)


class Changes:
    """`read` makes an appointment of a row, and `late` is how long after its end one is missed."""

    def __init__(self, http: Http, read: Callable[[Row], Appointment], late: timedelta) -> None:
        self._http = http
        self._read = read
        self._late = late

    def pages(self, cursor: str | None) -> Iterator[Page]:
        place = Place.load(cursor)
        yield from self._updated(place) if place.since else self._everything(place)
        yield from self._fallen_due(place)
        yield Page([], place.dump(), last=True)

    def _everything(self, place: Place) -> Iterator[Page]:
        """All that is open. A page token that Pipedrive no longer takes means: from the beginning."""
        try:
            yield from self._open(place)
        except Refused:
            if not place.page:
                raise
            place.page = ""
            yield from self._open(place)

    def _open(self, place: Place) -> Iterator[Page]:
        """Going on with a first reading, what was lost before anybody looked is left out."""
        resumed = bool(place.page)
        place.began = place.began or _stamp(clock.now())
        for rows, token in self._lists(place.page, done=False, sort_by="id"):
            found, _gone = self._understood(rows, place)
            kept = [one for one in found if one.status is Status.BOOKED or not resumed]
            place.page = token
            if token:
                yield Page(kept, place.dump())
        place.since, place.began, place.day = place.began, "", _stamp(clock.now())[:10]
        yield Page(kept, place.dump())

    def _updated(self, place: Place) -> Iterator[Page]:
        since = _stamp(instant(place.since) - OVERLAP)
        order = {"sort_by": "update_time", "sort_direction": "asc"}
        for rows, _token in self._lists("", updated_since=since, **order):
            found, gone = self._understood(rows, place)
            if rows:
                with documented():
                    place.since = _stamp(instant(rows[-1]["update_time"]))
            yield Page(found, place.dump(), gone=gone)

    def _fallen_due(self, place: Place) -> Iterator[Page]:
        """What should be over by now; once a day all that is booked, since deletions are not listed."""
        now = clock.now()
        today, over = _stamp(now)[:10], _stamp(now - self._late)
        ready = [one for one, end in place.due.items() if end <= over or place.day != today]
        for at in range(0, len(ready), LIMIT):
            asked = ready[at : at + LIMIT]
            rows, _token = next(self._lists("", ids=",".join(asked)))
            found, gone = self._understood(rows, place)
            there = {str(row.get("id")) for row in rows}
            missing = [one for one in asked if one not in there]
            for one in missing:
                del place.due[one]
            yield Page(found, place.dump(), gone=gone + missing)
        place.day = today

    def _lists(self, cursor: str, **query: Any) -> Iterator[tuple[list[Row], str]]:
        """Each page's rows and the token of the next page."""
        while True:
            answer = self._http.get(
                "api/v2/activities",
                **query,
                limit=LIMIT,
                include_fields="attendees",
                cursor=cursor or None,
            )
            with documented():
                rows: list[Row] = [dict(row) for row in answer["data"]]
                cursor = str((answer.get("additional_data") or {}).get("next_cursor") or "")
            yield rows, cursor
            if not cursor:
                return

    def _understood(self, rows: list[Row], place: Place) -> tuple[list[Appointment], list[str]]:
        """Appointments, and ids of those that lost their date. Of another type, nothing follows."""
        found, gone = [], []
        for row in rows:
            try:
                one = self._read(row)
            except (NoAppointment, WithoutTime) as why:
                known = place.due.pop(str(row.get("id")), None)
                gone += [str(row["id"])] if known and isinstance(why, WithoutTime) else []
                continue
            found.append(one)
            self._note(place, one)
        return found, gone

    def _note(self, place: Place, one: Appointment) -> None:
        if one.status is Status.BOOKED and one.ends_at + self._late > clock.now():
            place.due[one.id] = _stamp(one.ends_at)
        else:
            place.due.pop(one.id, None)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
