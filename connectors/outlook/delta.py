"""Graph's delta list of each mailbox: a window of days is fixed in its token, so it is opened anew daily.

The cursor is `{mailbox: {"link": url, "old": url, "since": instant}}`. `old` is there while a new
window is read: the old one is asked a last time after it, so that nothing falls between the two.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from connectors.contract import Page
from connectors.errors import NotFound, Refused
from connectors.http import Http
from connectors.outlook import wire
from connectors.outlook.client import own_link
from connectors.parsing import documented
from rebook.domain import clock
from rebook.domain.appointments import Appointment

Mark = dict[str, str]
Fetch = Callable[[str, str], wire.Event]
Read = Callable[[wire.Event, str], Appointment]

REOPENED = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    back: timedelta
    ahead: timedelta


def load(cursor: str | None, http: Http) -> dict[str, Mark]:
    """A cursor we cannot read is none: everything is read again."""
    try:
        kept = json.loads(cursor or "{}")
        marks = {str(box): {str(n): str(v) for n, v in m.items()} for box, m in kept.items()}
        for mark in marks.values():
            datetime.fromisoformat(mark["since"]).astimezone(UTC)
    except (ValueError, KeyError, AttributeError):
        return {}
    home = f"{http.base_url}/"
    links = ("link", "old")
    return {b: m for b, m in marks.items() if all(m.get(n, home).startswith(home) for n in links)}


class Delta:
    """One run over all mailboxes. `fetch` reads one event of a mailbox, `read` turns it into our words."""

    def __init__(
        self, http: Http, mailboxes: Sequence[str], fetch: Fetch, read: Read, span: Span
    ) -> None:
        self._http = http
        self._mailboxes = mailboxes
        self._fetch = fetch
        self._read = read
        self._span = span
        self._masters: dict[str, wire.Event] = {}

    def pages(self, cursor: str | None) -> Iterator[Page]:
        kept = load(cursor, self._http)
        marks = {box: kept[box] for box in self._mailboxes if box in kept}
        for mailbox in self._mailboxes:
            for appointments, gone in self._mailbox(mailbox, marks):
                yield Page(appointments, json.dumps(marks, sort_keys=True), gone=gone)
        yield Page([], json.dumps(marks, sort_keys=True), last=True)

    def _mailbox(
        self, mailbox: str, marks: dict[str, Mark]
    ) -> Iterator[tuple[list[Appointment], list[str]]]:
        """Lists on from the mark; where Graph no longer takes it, from the beginning."""
        resumed = mailbox in marks
        try:
            yield from self._on(mailbox, marks)
        except (NotFound, Refused):
            if not resumed:
                raise
            del marks[mailbox]
            yield from self._on(mailbox, marks)

    def _on(
        self, mailbox: str, marks: dict[str, Mark]
    ) -> Iterator[tuple[list[Appointment], list[str]]]:
        marks.setdefault(mailbox, self._opened(mailbox))
        yield from self._follow(mailbox, marks, "link")
        mark = marks[mailbox]
        if clock.now() - datetime.fromisoformat(mark["since"]) >= REOPENED:
            marks[mailbox] = {**self._opened(mailbox), "old": mark["link"]}
            yield from self._follow(mailbox, marks, "link")
        if "old" in marks[mailbox]:
            yield from self._follow(mailbox, marks, "old")
            del marks[mailbox]["old"]

    def _opened(self, mailbox: str) -> Mark:
        now = clock.now().replace(microsecond=0)
        window = {
            "startDateTime": f"{now - self._span.back:%Y-%m-%dT%H:%M:%SZ}",
            "endDateTime": f"{now + self._span.ahead:%Y-%m-%dT%H:%M:%SZ}",
        }
        path = f"users/{quote(mailbox, safe='')}/calendarView/delta"
        link = f"{self._http.base_url}/{path}?{urlencode(window)}"
        return {"link": link, "since": now.isoformat()}

    def _follow(
        self, mailbox: str, marks: dict[str, Mark], name: str
    ) -> Iterator[tuple[list[Appointment], list[str]]]:
        """Page after page, to the link that will tell of changes."""
        more = True
        while more:
            answer = self._http.get(marks[mailbox][name])
            with documented():
                more = bool(answer.get("@odata.nextLink"))
                link = answer["@odata.nextLink" if more else "@odata.deltaLink"]
            found = self._found(answer, mailbox)
            marks[mailbox] = {**marks[mailbox], name: own_link(self._http, link)}
            yield found

    def _found(self, answer: dict[str, Any], mailbox: str) -> tuple[list[Appointment], list[str]]:
        with documented():
            events = [e for e in answer["value"] if "@removed" not in e]
            removed = [str(e["id"]) for e in answer["value"] if "@removed" in e]
        kept = [self._whole(e, mailbox) for e in events if wire.is_appointment(e)]
        appointments = [self._read(event, mailbox) for event in kept]
        gone = []
        for event_id in removed:
            try:
                event = self._fetch(mailbox, event_id)
            except NotFound:
                gone.append(wire.appointment_id(mailbox, event_id))
                continue
            appointments += [self._read(event, mailbox)] if wire.is_appointment(event) else []
        return appointments, gone

    def _whole(self, event: wire.Event, mailbox: str) -> wire.Event:
        """An occurrence may be listed by its times alone: the rest stands in its series."""
        if event.get("type") != "occurrence" or "subject" in event:
            return event
        with documented():
            series = str(event["seriesMasterId"])
        if series not in self._masters:
            self._masters[series] = self._fetch(mailbox, series)
        shared = {n: v for n, v in self._masters[series].items() if n != "@odata.etag"}
        return {**shared, **event}
