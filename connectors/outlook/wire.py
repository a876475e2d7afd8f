"""Graph's words in ours. A timed event that is no series is an appointment; every other is not."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.contract import BookingRequest
from connectors.outlook.zones import iana
from connectors.parsing import (
    documented,
    email_in,
    instant,
    known_zone,
    pairs,
    phone_in,
    short_code,
)
from rebook.domain.appointments import Appointment, Busy, Person, Slot, Status

Event = Mapping[str, Any]

BETWEEN = " – "
OURS = "rebook-"
MARK = "Rebook"
TOO_MANY = frozenset({"TooManyRequests", "activityLimitReached", "ApplicationThrottled"})
TAKEN = frozenset({"tentative", "busy", "oof", "unknown"})
# A property set of our own: Exchange keeps named properties by such a GUID.
PROPERTY = "String {5f0c2b7e-3f0e-4c8e-9d35-7a1e6d1f4b20} Name "


def appointment_id(mailbox: str, event_id: str) -> str:
    """Event ids are those of one mailbox; addresses of mailboxes hold no slash."""
    return f"{mailbox}/{event_id}"


def is_appointment(event: Event) -> bool:
    with documented():
        whole = event.get("isAllDay") or event.get("isDraft")
        return not whole and event.get("type", "singleInstance") != "seriesMaster"


def appointment(event: Event, mailbox: str, settings: Mapping[str, str]) -> Appointment:
    with documented():
        service, name = title(str(event.get("subject") or ""))
        text = _text(event)
        client = _client(event, mailbox)
        return Appointment(
            id=appointment_id(mailbox, str(event["id"])),
            status=_status(event, settings),
            starts_at=_moment(event["start"]),
            ends_at=_moment(event["end"]),
            zone=known_zone(iana(event.get("originalStartTimeZone")), settings.get("zone")),
            person=_person(client, name, text, settings.get("region") or "US"),
            service=service,
            calendar=mailbox,
            place=str((event.get("location") or {}).get("displayName") or ""),
            version=str(event.get("@odata.etag") or ""),
            by_client=_by_client(event, client),
            ours=_ours(event),
            same_as=_same_as(text, settings.get("link_fields", "")),
        )


def _moment(told: Event) -> datetime:
    """Graph tells a time without offset and, beside it, a zone of either family."""
    read = datetime.fromisoformat(told["dateTime"])
    if read.tzinfo is not None:
        return instant(told["dateTime"])
    zone = iana(told["timeZone"])
    if known_zone(zone) != zone:
        raise ValueError("a time in a zone that is not known")
    return read.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def hours(event: Event) -> tuple[datetime, datetime]:
    """A time the event is shown in, even where it has no length."""
    with documented():
        start, end = _moment(event["start"]), _moment(event["end"])
    return start, max(end, start + timedelta(minutes=1))


def categories(event: Event) -> list[str]:
    return [str(one) for one in event.get("categories") or []]


def named(settings: Mapping[str, str], status: Status) -> list[str]:
    """The categories that mean a status: Outlook has no field for it."""
    defaults = {Status.CANCELLED: "Cancelled, Canceled", Status.NOSHOW: "No-show"}
    told = settings.get(f"{status.value}_values") or defaults[status]
    return [one.strip() for one in told.split(",") if one.strip()]


def without_loss(event: Event, settings: Mapping[str, str]) -> list[str]:
    """The event's categories less those that say it was cancelled or missed."""
    lost = {n.casefold() for s in (Status.CANCELLED, Status.NOSHOW) for n in named(settings, s)}
    return [one for one in categories(event) if one.casefold() not in lost]


def _status(event: Event, settings: Mapping[str, str]) -> Status:
    if event.get("isCancelled"):
        return Status.CANCELLED
    own = {one.casefold() for one in categories(event)}
    for status in (Status.CANCELLED, Status.NOSHOW):
        if own & {name.casefold() for name in named(settings, status)}:
            return status
    return Status.BOOKED


def _by_client(event: Event, client: Event) -> bool | None:
    """The organizer alone can cancel: in our copy of a client's own meeting it was the client."""
    theirs = event.get("isOrganizer") is False and bool(client.get("address"))
    return True if event.get("isCancelled") and theirs else None


def _client(event: Event, mailbox: str) -> Event:
    """Who is invited, or who invited us: the first of them who is not the house."""
    host = (event.get("organizer") or {}).get("emailAddress") or {}
    house = {mailbox.casefold()}
    if event.get("isOrganizer") is False:
        others = [host]
    else:
        house.add(str(host.get("address") or "").casefold())
        invited = [a for a in event.get("attendees") or [] if a.get("type") != "resource"]
        others = [a.get("emailAddress") or {} for a in invited]
    there = (one for one in others if str(one.get("address") or "").casefold() not in house)
    return next(there, {})


def _person(client: Event, name: str, text: str, region: str) -> Person:
    shown = str(client.get("name") or "")
    given, _, family = ((shown if "@" not in shown else "") or name).partition(" ")
    email = str(client.get("address") or "") or email_in(text)
    return Person(given, family.strip(), phone_in(text, region), email)


def _text(event: Event) -> str:
    """The whole text where Graph gives it as text, as we ask; else its first 255 letters."""
    body = event.get("body") or {}
    whole = str(body.get("content") or "") if body.get("contentType") == "text" else ""
    return whole or str(event.get("bodyPreview") or "")


def title(subject: str) -> tuple[str, str]:
    """`Haircut – Ana K.` is a service and a name; a title without the dash is a service."""
    service, _, name = subject.partition(BETWEEN)
    return service.strip(), name.strip()


def _ours(event: Event) -> str:
    told = str(event.get("transactionId") or "")
    return told.removeprefix(OURS) if told.startswith(OURS) else ""


def _same_as(text: str, link_fields: str) -> str:
    """`link_fields` reads `word=connection`: the text then holds a line such as `word: id`."""
    for word, connection in pairs(link_fields).items():
        if found := re.search(rf"\b{re.escape(word)}\s*[:=]\s*([\w-]{{1,64}})", text):
            return f"{connection}:{found.group(1)}"
    return ""


def when(slot: Slot) -> dict[str, Any]:
    return {"start": _graph_time(slot.starts_at), "end": _graph_time(slot.ends_at)}


def _graph_time(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def new_event(request: BookingRequest, our_ref: str) -> dict[str, Any]:
    """The body of a create. The client is named as staff would name them, and is not invited."""
    person = request.person
    short = f"{person.given_name} {person.family_name[:1] + '.' if person.family_name else ''}"
    lines = [request.note, person.phone, person.email]
    return {
        "subject": BETWEEN.join(part for part in (request.service, short.strip()) if part),
        "body": {"contentType": "text", "content": "\n".join(line for line in lines if line)},
        **when(request.slot),
        "transactionId": OURS + our_ref,
    }


def copy_of(event: Event, slot: Slot) -> dict[str, Any]:
    """The same event at another time, for another mailbox; made twice it is one."""
    kept = ("subject", "body", "location", "attendees")
    made = {name: event[name] for name in kept if event.get(name)}
    told = f"{event['id']} {slot.starts_at.isoformat()}"
    mark = hashlib.sha256(told.encode()).hexdigest()[:32]
    return {**made, **when(slot), "transactionId": f"moved-{mark}"}


def schedule_request(mailbox: str, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {
        "Schedules": [mailbox],
        "StartTime": _graph_time(starts_at),
        "EndTime": _graph_time(ends_at),
        "AvailabilityViewInterval": 30,
    }


def busy(answer: Mapping[str, Any]) -> tuple[list[Busy], str]:
    """The times that are taken, and Graph's reason for not knowing them."""
    with documented():
        (told,) = answer["value"]
        if told.get("error"):
            return [], short_code(told["error"].get("responseCode")) or "unknown"
        items = [one for one in told["scheduleItems"] if one.get("status") in TAKEN]
        return [Busy(_moment(one["start"]), _moment(one["end"])) for one in items], ""


def note(text: str) -> dict[str, str]:
    """One property of ours a note, named by its text: repeating it writes the same again."""
    name = "rebook_note_" + hashlib.sha256(text.encode()).hexdigest()[:8]
    return {"id": PROPERTY + name, "value": text[:1000]}


def error_code(body: Any) -> str:
    """`{"error": {"code": ..., "message": ...}}`: the message is dropped."""
    error = body.get("error") if isinstance(body, dict) else None
    return short_code(error.get("code")) if isinstance(error, dict) else ""
