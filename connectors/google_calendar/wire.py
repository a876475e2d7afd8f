"""Google's words in ours. A timed event of type `default` is an appointment; every other is not."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.contract import BookingRequest
from connectors.parsing import (
    documented,
    email_in,
    instant,
    known_zone,
    pairs,
    phone_in,
    short_code,
)
from rebook.domain import wording
from rebook.domain.appointments import Appointment, Busy, Person, Slot, Status, TimesOnOffer

Event = Mapping[str, Any]

TOO_MANY = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
)
NO_SHOW = "no_show"
BETWEEN = " – "
OFFER = "rebook_offer"
"""The private property of an entry that shows a time on offer: such an entry is no appointment."""
OFFERED = "Offered by Rebook: "
_OFFERED_LINE = re.compile(rf"\n?^{OFFERED}[^\n]*$", re.MULTILINE)


def events_path(calendar: str) -> str:
    return f"calendars/{quote(calendar, safe='')}/events"


def event_path(calendar: str, event_id: str) -> str:
    return f"{events_path(calendar)}/{quote(event_id, safe='')}"


def appointment_id(calendar: str, event_id: str) -> str:
    """Event ids are unique in one calendar only; calendar ids hold no slash."""
    return f"{calendar}/{event_id}"


def is_appointment(event: Event) -> bool:
    with documented():
        timed = "dateTime" in (event.get("start") or {}) and "dateTime" in (event.get("end") or {})
        kind = event.get("eventType", "default")
        return timed and kind == "default" and OFFER not in _private(event)


def is_bare(event: Event) -> bool:
    """A deleted event may be listed by its id alone, or as an instance by its original start too."""
    return event.get("status") == "cancelled" and not event.get("start")


def appointment(
    event: Event, calendar: str, settings: Mapping[str, str], zone: str = ""
) -> Appointment:
    """`zone` is the calendar's, for events that name none."""
    with documented():
        start, private = event["start"], _private(event)
        service, name = _title(str(event.get("summary") or ""))
        return Appointment(
            id=appointment_id(calendar, str(event["id"])),
            status=_status(event, private),
            starts_at=instant(start["dateTime"]),
            ends_at=instant(event["end"]["dateTime"]),
            zone=known_zone(start.get("timeZone"), zone, settings.get("zone")),
            person=_person(event, name, settings.get("region") or "US"),
            service=service,
            calendar=calendar,
            place=str(event.get("location") or ""),
            version=str(event.get("etag") or ""),
            ours=private.get("rebook_ref", ""),
            same_as=_same_as(private, settings.get("link_fields", "")),
        )


def _private(event: Event) -> dict[str, str]:
    extended = event.get("extendedProperties") or {}
    return {str(k): str(v) for k, v in (extended.get("private") or {}).items()}


def _status(event: Event, private: Mapping[str, str]) -> Status:
    """Google has no word for a missed appointment: a private property of ours says it."""
    if event.get("status") == "cancelled":
        return Status.CANCELLED
    return Status.NOSHOW if private.get("attendance") == NO_SHOW else Status.BOOKED


def _same_as(private: Mapping[str, str], link_fields: str) -> str:
    """`link_fields` reads `property=connection`; the first property that is set decides."""
    for name, connection in pairs(link_fields).items():
        if private.get(name):
            return f"{connection}:{private[name]}"
    return ""


def _title(summary: str) -> tuple[str, str]:
    """`Haircut – Ana K.` is a service and a name; a title without the dash is a service."""
    service, _, name = summary.partition(BETWEEN)
    return service.strip(), name.strip()


def _person(event: Event, name: str, region: str) -> Person:
    """The first guest who is not the house, else what the title and the description say."""
    guest = _guest(event.get("attendees") or [])
    text = without_offer(str(event.get("description") or ""))
    given, _, family = (str(guest.get("displayName") or "") or name).partition(" ")
    email = str(guest.get("email") or "") or email_in(text)
    return Person(given, family.strip(), phone_in(text, region), email)


def _guest(attendees: list[Event]) -> Event:
    for guest in attendees:
        if not (guest.get("self") or guest.get("organizer") or guest.get("resource")):
            return guest
    return {}


def event_id(our_ref: str) -> str:
    """Our own event id, the same for the same reference: base32hex, which is what Google takes."""
    digest = hashlib.sha256(our_ref.encode()).digest()
    return "rebook" + base64.b32hexencode(digest).decode().rstrip("=").lower()


def new_event(request: BookingRequest, our_ref: str) -> dict[str, Any]:
    """The body of an insert. The client is named as staff would name them, and is not invited."""
    person = request.person
    lines = [request.note, person.phone, person.email]
    return {
        "id": event_id(our_ref),
        "summary": _summary(request.service, person),
        "description": "\n".join(line for line in lines if line),
        "start": {"dateTime": rfc3339(request.slot.starts_at), "timeZone": request.zone},
        "end": {"dateTime": rfc3339(request.slot.ends_at), "timeZone": request.zone},
        "extendedProperties": {"private": {"rebook_ref": our_ref}},
    }


def _summary(service: str, person: Person) -> str:
    short = f"{person.given_name} {person.family_name[:1] + '.' if person.family_name else ''}"
    return BETWEEN.join(part for part in (service, short.strip()) if part)


def offered_event(offer: TimesOnOffer, slot: Slot, our_ref: str) -> dict[str, Any]:
    """The entry of one time on offer: tentative, free for everybody, and of the same id each time."""
    return {
        "id": event_id(f"{our_ref} {rfc3339(slot.starts_at)} {slot.calendar}"),
        "summary": f"Offered: {_summary(offer.service, offer.person)}",
        "description": "Rebook offered this time to the client and holds it. It is not booked.",
        "status": "tentative",
        "transparency": "transparent",
        "start": {"dateTime": rfc3339(slot.starts_at), "timeZone": offer.zone},
        "end": {"dateTime": rfc3339(slot.ends_at), "timeZone": offer.zone},
        "reminders": {"useDefault": False},
        "extendedProperties": {"private": {OFFER: our_ref}},
    }


def offer_line(offer: TimesOnOffer) -> str:
    """What an event's description says of the offer; empty where there is none."""
    times = "; ".join(wording.short(slot.starts_at, offer.zone) for slot in offer.slots)
    return OFFERED + times if times else ""


def without_offer(description: str) -> str:
    """A description as people wrote it: our line of offered times is left out."""
    return _OFFERED_LINE.sub("", description)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def busy(answer: Mapping[str, Any], calendar: str) -> tuple[list[Busy], list[str]]:
    """The times that are taken, and Google's reasons for not knowing them."""
    with documented():
        told = answer["calendars"][calendar]
        reasons = [short_code(error.get("reason")) for error in told.get("errors") or []]
        times = [Busy(instant(b["start"]), instant(b["end"])) for b in told.get("busy") or []]
        return times, reasons


def error_code(body: Any) -> str:
    """`{"error": {"errors": [{"reason": ...}]}}`: the reason is kept, the message is dropped."""
    try:
        return short_code(body["error"]["errors"][0]["reason"])
    except (KeyError, TypeError, IndexError):
        return ""
