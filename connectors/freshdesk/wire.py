"""Freshdesk's words in ours: a ticket whose reason field holds one of the configured labels."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from connectors.contract import BookingRequest
from connectors.errors import NotFound, Refused
from connectors.parsing import documented, e164, instant, known_zone, short_code
from connectors.records import Words, linked, moment, needed, written
from rebook.domain.appointments import Appointment, Person, Slot, Status

Row = Mapping[str, Any]
Settings = Mapping[str, str]

DEFAULTS = {
    Status.BOOKED: "appointment booked",
    Status.CANCELLED: "canceled appointment, cancelled appointment",
    Status.NOSHOW: "missed appointment",
    Status.FULFILLED: "appointment kept",
}
FIELDS = {
    "status_field": "cf_reason",
    "time_field": "cf_appointment_time",
    "ref_field": "cf_rebook_ref",
}
OPEN, LOW = 2, 1


def name_of(settings: Settings, field: str) -> str:
    """The key of a custom field, as `GET /ticket_fields` names it."""
    return settings.get(field) or FIELDS[field]


def appointment(ticket: Row, settings: Settings) -> Appointment | None:
    """None for a ticket that holds no appointment: no reason we know, or no time we can read."""
    with documented():
        fields = dict(ticket["custom_fields"])
        version = str(ticket["updated_at"])
        instant(version)
        status = Words.of(settings, DEFAULTS).read(fields.get(name_of(settings, "status_field")))
        starts_at = moment(fields.get(name_of(settings, "time_field")), settings.get("zone"))
        if status is None or starts_at is None:
            return None
        return Appointment(
            id=str(int(ticket["id"])),
            status=status,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=int(settings.get("minutes") or 60)),
            zone=known_zone(settings.get("zone")),
            person=_person(ticket.get("requester") or {}, settings.get("region") or "US"),
            service=str(fields.get(settings.get("service_field", "")) or ""),
            version=version,
            ours=str(fields.get(name_of(settings, "ref_field")) or ""),
            same_as=linked(settings.get("link_fields", ""), fields.get),
        )


def _person(requester: Row, region: str) -> Person:
    given, _, family = str(requester.get("name") or "").partition(" ")
    phone = str(requester.get("mobile") or requester.get("phone") or "")
    email = str(requester.get("email") or "").strip()
    return Person(given, family.strip(), e164(phone, region), email)


def is_deleted(ticket: Row) -> bool:
    return bool(ticket.get("deleted") or ticket.get("spam"))


def status(settings: Settings, wanted: Status) -> dict[str, Any]:
    label = Words.of(settings, DEFAULTS).write(wanted)
    return {"custom_fields": {name_of(settings, "status_field"): label}}


def outcome(settings: Settings, slot: Slot) -> dict[str, Any]:
    """Booked, when, and the ticket's own status where the admin wants it changed."""
    fields = status(settings, Status.BOOKED)["custom_fields"]
    at = written(slot.starts_at, known_zone(settings.get("zone")))
    body: dict[str, Any] = {"custom_fields": {**fields, name_of(settings, "time_field"): at}}
    if settings.get("outcome_status"):
        body["status"] = number(settings["outcome_status"])
    return body


def new_ticket(request: BookingRequest, settings: Settings, our_ref: str) -> dict[str, Any]:
    person, booked = request.person, outcome(settings, request.slot)["custom_fields"]
    if not (person.email or person.phone):
        raise Refused("Freshdesk wants a requester's mail or phone", code="no_contact")
    who = {"email": person.email} if person.email else {"phone": person.phone}
    name = f"{person.given_name} {person.family_name}".strip()
    return {
        **who,
        "name": name or person.email or person.phone,
        "subject": request.service or "Appointment",
        "description": escape(request.note or "Rebook: this appointment was booked."),
        "status": OPEN,
        "priority": LOW,
        "custom_fields": {**booked, name_of(settings, "ref_field"): our_ref},
    }


def new_task(title: str, note: str, settings: Settings, our_ref: str) -> dict[str, Any]:
    """Freshdesk has no tasks: a ticket of the office itself is one."""
    return {
        "email": needed(settings, "staff_email"),
        "subject": title,
        "description": escape(note or title),
        "status": OPEN,
        "priority": LOW,
        "custom_fields": {name_of(settings, "ref_field"): our_ref},
    }


def number(value: str) -> int:
    """An id as Freshdesk gives them. Raises `NotFound` for what cannot be one."""
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise NotFound("not a Freshdesk id")
    return int(value)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def error_code(body: Any) -> str:
    """`{"code"}`, or the first of `{"errors": [{"code"}]}`; messages are dropped."""
    try:
        return short_code(body.get("code")) or short_code(body["errors"][0]["code"])
    except (AttributeError, KeyError, IndexError, TypeError):
        return ""
