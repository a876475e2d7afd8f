"""Google's incremental list of one or more calendars: an expired token means reading all again.

The cursor is `{calendar: {"sync": token, "page": token, "again": "1"}}`; `page` is there in mid-list
only, `again` while everything is read for a second time.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from connectors.contract import Page
from connectors.errors import NotFound, Refused
from connectors.google_calendar import wire
from connectors.http import Http
from connectors.parsing import documented
from rebook.domain import clock
from rebook.domain.appointments import Appointment

Marks = dict[str, dict[str, str]]
Read = Callable[[wire.Event, str, str], Appointment]

SAME_EACH_TIME = {"singleEvents": True, "showDeleted": True, "maxResults": 250}


def load(cursor: str | None) -> Marks:
    """A cursor we cannot read is none: everything is read again."""
    try:
        kept = json.loads(cursor or "{}")
        return {
            str(calendar): {str(name): str(token) for name, token in marks.items()}
            for calendar, marks in kept.items()
        }
    except (ValueError, AttributeError):
        return {}


class Sync:
    """One run over all calendars. A full list leaves out what ended before `days_back`."""

    def __init__(self, http: Http, calendars: Sequence[str], read: Read, days_back: int) -> None:
        self._http = http
        self._calendars = calendars
        self._read = read
        self._oldest = clock.now() - timedelta(days=days_back)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        kept = load(cursor)
        marks = {calendar: kept.get(calendar, {}) for calendar in self._calendars}
        for calendar in self._calendars:
            for appointments, gone in self._calendar(calendar, marks):
                yield Page(appointments, json.dumps(marks, sort_keys=True), gone=gone)
        yield Page([], json.dumps(marks, sort_keys=True), last=True)

    def _calendar(
        self, calendar: str, marks: Marks
    ) -> Iterator[tuple[list[Appointment], list[str]]]:
        """Lists on from the marks; where Google no longer takes them, from the beginning."""
        resumed = bool(marks[calendar])
        try:
            yield from self._list(calendar, marks)
        except (NotFound, Refused):
            if not resumed:
                raise
            marks[calendar] = {"again": "1"}
            yield from self._list(calendar, marks)

    def _list(self, calendar: str, marks: Marks) -> Iterator[tuple[list[Appointment], list[str]]]:
        while True:
            mark = marks[calendar]
            answer = self._http.get(
                f"calendars/{quote(calendar, safe='')}/events",
                syncToken=mark.get("sync"),
                pageToken=mark.get("page"),
                **SAME_EACH_TIME,
            )
            with documented():
                marks[calendar] = _next(answer, mark)
                found = self._found(answer, calendar, mark)
            yield found
            if "page" not in marks[calendar]:
                return

    def _found(
        self, answer: dict[str, Any], calendar: str, mark: dict[str, str]
    ) -> tuple[list[Appointment], list[str]]:
        """The very first list names no deleted events: nobody ever saw them."""
        events = answer.get("items", [])
        gone = [wire.appointment_id(calendar, str(e["id"])) for e in events if wire.is_bare(e)]
        zone = str(answer.get("timeZone") or "")
        read = [self._read(e, calendar, zone) for e in events if wire.is_appointment(e)]
        kept = [a for a in read if "sync" in mark or a.ends_at >= self._oldest]
        return kept, gone if mark.keys() & {"sync", "again"} else []


def _next(answer: dict[str, Any], mark: dict[str, str]) -> dict[str, str]:
    """The last page alone carries the sync token."""
    if answer.get("nextPageToken"):
        return {**mark, "page": str(answer["nextPageToken"])}
    return {"sync": str(answer["nextSyncToken"])}
