"""Zendesk's words in ours: a ticket whose status field holds one of the configured values."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from connectors.contract import BookingRequest
from connectors.errors import NotFound, Refused
from connectors.parsing import documented, e164, instant, known_zone, short_code
from connectors.records import Words, linked, moment, needed, written
from rebook.domain.appointments import Appointment, Person, Slot, Status

Row = Mapping[str, Any]
Settings = Mapping[str, str]

DEFAULTS = {
    Status.BOOKED: "appt_booked, appt_rebooked",
    Status.CANCELLED: "appt_canceled, appt_cancelled",
    Status.NOSHOW: "appt_missed, appt_no_show",
    Status.FULFILLED: "appt_done",
}
OURS = "rebook"
"""The tag of tickets that we made: their external id is our reference."""


def appointment(ticket: Row, users: Iterable[Row], settings: Settings) -> Appointment | None:
    """None for a ticket that holds no appointment: no status we know, or no time we can read."""
    with documented():
        fields = {str(field["id"]): field.get("value") for field in ticket["custom_fields"]}
        version = str(ticket["updated_at"])
        instant(version)
        status = Words.of(settings, DEFAULTS).read(fields.get(settings.get("status_field", "")))
        zone = settings.get("zone")
        starts_at = moment(fields.get(settings.get("time_field", "")), zone)
        if status is None or starts_at is None:
            return None
        return Appointment(
            id=str(int(ticket["id"])),
            status=status,
            starts_at=starts_at,
            ends_at=starts_at + length(settings),
            zone=known_zone(zone),
            person=_person(ticket, users, settings.get("region") or "US"),
            service=str(fields.get(settings.get("service_field", "")) or ""),
            version=version,
            ours=str(ticket.get("external_id") or "") if OURS in ticket.get("tags", []) else "",
            same_as=linked(settings.get("link_fields", ""), fields.get),
        )


def _person(ticket: Row, users: Iterable[Row], region: str) -> Person:
    for user in users:
        if user["id"] == ticket.get("requester_id"):
            given, _, family = str(user.get("name") or "").partition(" ")
            phone = e164(str(user.get("phone") or ""), region)
            return Person(given, family.strip(), phone, str(user.get("email") or "").strip())
    return Person()


def length(settings: Settings) -> timedelta:
    return timedelta(minutes=int(settings.get("minutes") or 60))


def is_deleted(ticket: Row, settings: Settings) -> bool:
    """The export lists deleted tickets too; one that shows an empty status field held nothing."""
    with documented():
        fields = {str(field["id"]): field.get("value") for field in ticket["custom_fields"]}
        held = fields.get(settings.get("status_field", ""), "unknown")
        return ticket["status"] == "deleted" and bool(held)


def status_fields(settings: Settings, status: Status) -> list[dict[str, Any]]:
    word = Words.of(settings, DEFAULTS).write(status)
    return [{"id": field(settings, "status_field"), "value": word}]


def booked_fields(settings: Settings, slot: Slot) -> list[dict[str, Any]]:
    """The outcome: booked, and when. Zendesk merges fields; those that are not named stay."""
    at = written(slot.starts_at, known_zone(settings.get("zone")))
    when = {"id": field(settings, "time_field"), "value": at}
    return [*status_fields(settings, Status.BOOKED), when]


def new_ticket(request: BookingRequest, settings: Settings, our_ref: str) -> dict[str, Any]:
    """Its first comment is internal: Zendesk does not write to the client about it."""
    person = request.person
    name = f"{person.given_name} {person.family_name}".strip()
    requester = {"name": name or person.email or person.phone, "email": person.email}
    return {
        **internal(request.note or f"Rebook: {request.service} was booked."),
        "subject": request.service or "Appointment",
        "requester": {key: value for key, value in requester.items() if value},
        "custom_fields": booked_fields(settings, request.slot),
        "external_id": our_ref,
        "tags": [OURS],
    }


def follow_up(closed: Row, slot: Slot, settings: Settings, our_ref: str) -> dict[str, Any]:
    """A closed ticket can never be edited: its successor keeps its requester and its fields."""
    return {
        **internal("Rebook: this follows the closed ticket of the lost appointment."),
        "subject": str(closed.get("subject") or "Appointment"),
        "via_followup_source_id": int(closed["id"]),
        "custom_fields": booked_fields(settings, slot),
        "external_id": our_ref,
        "tags": [OURS],
    }


def internal(text: str, *, public: bool = False) -> dict[str, Any]:
    return {"comment": {"body": text, "public": public}}


def number(value: str) -> int:
    """An id as Zendesk gives them. Raises `NotFound` for what cannot be one."""
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise NotFound("not a Zendesk id")
    return int(value)


def field(settings: Settings, name: str) -> int:
    value = needed(settings, name)
    if not (value.isascii() and value.isdigit()):
        raise Refused(f"the setting {name} is not the id of a field", code="not_configured")
    return int(value)


def error_code(body: Any) -> str:
    """`{"error": "RecordInvalid", "description": ...}`: the description is dropped."""
    return short_code(body.get("error")) if isinstance(body, dict) else ""
