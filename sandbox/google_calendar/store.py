"""Google's calendars: every write gets a number, an etag and a push; deleted events stay readable."""

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.google_calendar import events as shape
from sandbox.google_calendar.errors import not_found, refusal
from sandbox.google_calendar.push import Push
from sandbox.kit import Kit
from sandbox.wire import Json


@dataclass
class Calendar:
    """`written` holds, for each event, the number of its last write."""

    id: str
    name: str
    events: dict[str, Json] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)


class Store:
    """`epoch` stands in every sync token; raising it makes the older ones answer 410."""

    def __init__(self, kit: Kit, calendars: list[tuple[str, str]]) -> None:
        self.kit = kit
        self.push = Push(kit)
        self.epoch = secrets.token_hex(4)
        self.calendars = {id_: Calendar(id_, name) for id_, name in calendars}
        self._writes = itertools.count(1)
        self.last_write = 0

    def calendar(self, calendar_id: str) -> Calendar:
        """`primary` is the first calendar of the account."""
        if calendar_id == "primary":
            return next(iter(self.calendars.values()))
        if calendar_id not in self.calendars:
            raise not_found()
        return self.calendars[calendar_id]

    def find(self, calendar_id: str, event_id: str) -> Json:
        event = self.calendar(calendar_id).events.get(event_id)
        if event is None:
            raise not_found()
        return event

    def expire_sync_tokens(self) -> None:
        self.epoch = secrets.token_hex(4)

    def insert(self, calendar_id: str, body: Json) -> Json:
        calendar = self.calendar(calendar_id)
        shape.check(body)
        event_id = shape.check_id(body["id"]) if body.get("id") else secrets.token_hex(13)
        if event_id in calendar.events:
            raise refusal(409, "duplicate", "The requested identifier already exists.")
        owner = {"email": calendar.id, "displayName": calendar.name, "self": True}
        event = {
            "kind": "calendar#event",
            "id": event_id,
            "status": "confirmed",
            "htmlLink": f"https://calendar.sandbox.test/event?eid={event_id}",
            "created": _stamp(self.kit.clock.now()),
            "creator": owner,
            "organizer": owner,
            "iCalUID": body.get("iCalUID") or f"{event_id}@calendar.sandbox.test",
            "sequence": 0,
            "eventType": "default",
            **shape.writable(body),
        }
        return self._write(calendar, event)

    def replace(self, calendar_id: str, event_id: str, body: Json, if_match: str | None) -> Json:
        old = self._matching(calendar_id, event_id, if_match)
        kept = {name: old[name] for name in shape.READ_ONLY | {"creator", "organizer"}}
        return self._change(calendar_id, old, {"status": "confirmed", **kept, **_own(body)})

    def patch(self, calendar_id: str, event_id: str, body: Json, if_match: str | None) -> Json:
        old = self._matching(calendar_id, event_id, if_match)
        return self._change(calendar_id, old, shape.merge(old, shape.writable(body)))

    def delete(self, calendar_id: str, event_id: str, if_match: str | None) -> None:
        old = self._matching(calendar_id, event_id, if_match)
        if old["status"] == "cancelled":
            raise refusal(410, "deleted", "Resource has been deleted")
        self._write(self.calendar(calendar_id), {**old, "status": "cancelled"})

    def move(self, calendar_id: str, event_id: str, destination: str) -> Json:
        """The event keeps its id; in the calendar it leaves it reads as cancelled."""
        event, source = self.find(calendar_id, event_id), self.calendar(calendar_id)
        if not destination:
            raise refusal(400, "required", "Required parameter: destination")
        target = self.calendar(destination)
        if event["status"] == "cancelled" or target is source:
            raise refusal(400, "invalid", "The event cannot be moved.")
        if target.events.get(event_id, {"status": "cancelled"})["status"] != "cancelled":
            raise refusal(409, "duplicate", "The requested identifier already exists.")
        organizer = {"email": target.id, "displayName": target.name, "self": True}
        self._write(source, {**event, "status": "cancelled"})
        return self._write(target, {**event, "organizer": organizer})

    def _matching(self, calendar_id: str, event_id: str, if_match: str | None) -> Json:
        event = self.find(calendar_id, event_id)
        if if_match not in (None, "*", event["etag"]):
            raise refusal(412, "conditionNotMet", "Precondition Failed", location="If-Match")
        return event

    def _change(self, calendar_id: str, old: Json, new: Json) -> Json:
        shape.check(new)
        moved = any(shape.edge(old, name) != shape.edge(new, name) for name in ("start", "end"))
        new["sequence"] = old["sequence"] + (1 if moved else 0)
        return self._write(self.calendar(calendar_id), new)

    def _write(self, calendar: Calendar, event: Json) -> Json:
        self.last_write = next(self._writes)
        event |= {
            "etag": f'"3{self.last_write:015d}"',
            "updated": _stamp(self.kit.clock.now()),
        }
        calendar.events[event["id"]] = event
        calendar.written[event["id"]] = self.last_write
        self.push.changed(calendar.id)
        return event


def _own(body: Json) -> Json:
    return {k: v for k, v in shape.writable(body).items() if v is not None}


def _stamp(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
