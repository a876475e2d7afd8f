"""The mailboxes: every write gets a number and a notification; what is deleted answers to its id alone."""

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.kit import Kit
from sandbox.outlook.errors import invalid, not_found, refusal
from sandbox.outlook.push import Push
from sandbox.wire import Json

WRITABLE = {
    "subject", "body", "start", "end", "location", "attendees", "categories", "isAllDay",
    "showAs", "sensitivity", "isReminderOn", "reminderMinutesBeforeStart",
    "singleValueExtendedProperties", "allowNewTimeProposals", "importance", "recurrence",
}  # fmt: skip


@dataclass
class Mailbox:
    """`written` holds, for each event ever there, the number of its last write."""

    address: str
    name: str
    id: str
    events: dict[str, Json] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, Json] = field(default_factory=dict)


class Store:
    """`epoch` stands in every delta token; raising it makes the older ones answer 410."""

    def __init__(self, kit: Kit, mailboxes: list[tuple[str, str]]) -> None:
        self.kit = kit
        self.push = Push(kit)
        self.epoch = secrets.token_hex(4)
        self.mailboxes = {
            address: Mailbox(address, name, kit.secrets.make(address))
            for address, name in mailboxes
        }
        self.mailed: list[Json] = []
        self._writes = itertools.count(1)
        self.last_write = 0

    def mailbox(self, user: str) -> Mailbox:
        for one in self.mailboxes.values():
            if user.lower() in (one.address, one.id):
                return one
        raise refusal(404, "ErrorInvalidUser", "The requested user is invalid.")

    def known(self, user: str, event_id: str) -> Json:
        """An immutable id serves in Deleted Items too."""
        return self.mailbox(user).deleted.get(event_id) or self.find(user, event_id)

    def find(self, user: str, event_id: str) -> Json:
        event = self.mailbox(user).events.get(event_id)
        if event is None:
            raise not_found()
        return event

    def home(self, event_id: str) -> str:
        """The mailbox an event is in."""
        for one in self.mailboxes.values():
            if event_id in one.events:
                return one.address
        raise not_found()

    def create(self, user: str, body: Json) -> Json:
        """With a transaction id that is known the event of that time is answered."""
        mailbox, told = self.mailbox(user), body.get("transactionId")
        known = [e for e in mailbox.events.values() if told and e["transactionId"] == told]
        if known:
            return known[0]
        host = {"emailAddress": {"name": mailbox.name, "address": mailbox.address}}
        event: Json = {
            "id": f"AAkALg{secrets.token_urlsafe(24)}=",
            "createdDateTime": stamp(self.kit.clock.now()),
            "transactionId": told,
            "originalStartTimeZone": (body.get("start") or {}).get("timeZone"),
            "isAllDay": False,
            "isCancelled": False,
            "isDraft": False,
            "isOrganizer": True,
            "type": "singleInstance",
            "seriesMasterId": None,
            "showAs": "busy",
            "subject": "",
            "categories": [],
            "attendees": [],
            "location": {"displayName": ""},
            "body": {"contentType": "text", "content": ""},
            "organizer": host,
            **_own(body),
        }
        self._mail(event, "invitation")
        return self._write(mailbox, event, "created")

    def change(self, user: str, event_id: str, body: Json, if_match: str | None) -> Json:
        old, own = self.find(user, event_id), _own(body)
        if if_match not in (None, "*", old["@odata.etag"]):
            raise refusal(412, "ErrorIrresolvableConflict", "The change key is not current.")
        if own.keys() & {"start", "end"}:
            self._mail(old, "update")
        return self._write(self.mailbox(user), {**old, **own}, "updated")

    def cancel(self, user: str, event_id: str, comment: str) -> None:
        """For the organizer of a meeting; the others' copies are no concern of this mailbox."""
        event = self.find(user, event_id)
        if not event["isOrganizer"] or not event["attendees"]:
            raise invalid("You need to be an organizer to cancel a meeting.")
        self._mail(event, "cancellation", comment)
        self.delete(user, event_id)

    def delete(self, user: str, event_id: str) -> None:
        mailbox, event = self.mailbox(user), self.find(user, event_id)
        mailbox.deleted[event_id] = mailbox.events.pop(event_id)
        mailbox.written[event_id] = self.last_write = next(self._writes)
        self.push.changed(mailbox.id, mailbox.address, event, "deleted")

    def _mail(self, event: Json, kind: str, comment: str = "") -> None:
        """Outlook writes to everyone invited, whoever made the change."""
        if event["attendees"]:
            self.mailed.append({"kind": kind, "event": event["id"], "comment": comment})

    def _write(self, mailbox: Mailbox, event: Json, change: str) -> Json:
        if moment(event["end"]) < moment(event["start"]):
            raise refusal(400, "ErrorPropertyValidationFailure", "The end is before the start.")
        self.last_write = next(self._writes)
        text = str((event["body"] or {}).get("content") or "")
        fresh = {
            **event,
            "@odata.etag": f'W/"{self.last_write:08d}"',
            "changeKey": f"{self.last_write:08d}",
            "lastModifiedDateTime": stamp(self.kit.clock.now()),
            "bodyPreview": text[:255],
            "start": graph_time(moment(event["start"])),
            "end": graph_time(moment(event["end"])),
        }
        mailbox.events[event["id"]] = fresh
        mailbox.written[event["id"]] = self.last_write
        self.push.changed(mailbox.id, mailbox.address, fresh, change)
        return fresh


def _own(body: Json) -> Json:
    unknown = body.keys() - WRITABLE - {"transactionId"}
    if unknown:
        raise invalid("The body holds a property that cannot be written.")
    return {name: value for name, value in body.items() if name in WRITABLE}


def moment(told: object) -> datetime:
    """A time of Graph's: without offset, beside its zone."""
    given = told if isinstance(told, dict) else {}
    try:
        read = datetime.fromisoformat(str(given["dateTime"]))
        return read.replace(tzinfo=ZoneInfo(str(given["timeZone"]))).astimezone(UTC)
    except (KeyError, ValueError, ZoneInfoNotFoundError, OSError):
        raise invalid("A time cannot be read.") from None


def graph_time(value: datetime) -> Json:
    return {"dateTime": f"{value:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def stamp(value: datetime) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
