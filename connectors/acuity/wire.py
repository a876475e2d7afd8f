"""Acuity's words in ours. Everything here raises on a shape the vendor does not document."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.contract import BookingRequest, SlotQuery
from connectors.parsing import documented, e164, instant, known_zone, short_code
from rebook.domain.appointments import Appointment, Person, Slot, Status

Row = Mapping[str, Any]

WATCHED = (
    "datetime", "duration", "canceled", "noShow", "calendarID", "appointmentTypeID",
    "firstName", "lastName", "phone", "email", "timezone", "location",
)  # fmt: skip


def appointment(row: Row, *, region: str, ref_field: str = "") -> Appointment:
    with documented():
        starts_at = instant(row["datetime"])
        return Appointment(
            id=str(int(row["id"])),
            status=_status(row),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=int(row["duration"])),
            zone=known_zone(row.get("timezone"), row.get("calendarTimezone")),
            person=_person(row, region),
            service=str(row.get("type") or "").strip(),
            service_id=str(row["appointmentTypeID"]),
            calendar=str(row["calendarID"]),
            place=str(row.get("location") or ""),
            version=fingerprint(row),
            ours=_field(row, ref_field),
        )


def _status(row: Row) -> Status:
    """Acuity marks a missed appointment by cancelling it, and has no word for one that took place."""
    if not row["canceled"]:
        return Status.BOOKED
    return Status.NOSHOW if row.get("noShow") else Status.CANCELLED


def _person(row: Row, region: str) -> Person:
    return Person(
        given_name=str(row.get("firstName") or ""),
        family_name=str(row.get("lastName") or ""),
        phone=e164(str(row.get("phone") or ""), region),
        email=str(row.get("email") or "").strip(),
    )


def _field(row: Row, field_id: str) -> str:
    """The answer to one question of the intake forms, by the question's id."""
    for form in row.get("forms") or [] if field_id else []:
        for value in form.get("values") or []:
            if str(value.get("fieldID")) == field_id:
                return str(value.get("value") or "")
    return ""


def fingerprint(row: Row) -> str:
    """Acuity has no version: what we act on, hashed, stands for one."""
    watched = json.dumps([row.get(name) for name in WATCHED], ensure_ascii=True)
    return hashlib.sha256(watched.encode()).hexdigest()[:12]


def slots(rows: list[Row], query: SlotQuery, calendar: str) -> list[Slot]:
    """Times that lie wholly in the query's period and still have a seat."""
    length = timedelta(minutes=query.minutes)
    with documented():
        starts = [instant(row["time"]) for row in rows if int(row.get("slotsAvailable", 1)) > 0]
    return [
        Slot(starts_at=start, ends_at=start + length, calendar=calendar)
        for start in starts
        if query.starts_at <= start and start + length <= query.ends_at
    ]


def booking(request: BookingRequest, *, ref: str, ref_field: str) -> dict[str, Any]:
    """The body of a create. Acuity wants both names; a dash stands for one we do not know."""
    body: dict[str, Any] = {
        "datetime": request.slot.starts_at.isoformat(),
        "appointmentTypeID": number(request.service_id),
        "firstName": request.person.given_name or "-",
        "lastName": request.person.family_name or "-",
        "email": request.person.email,
        "phone": request.person.phone,
        "timezone": request.zone,
    }
    if request.slot.calendar:
        body["calendarID"] = number(request.slot.calendar)
    if ref_field:
        body["fields"] = [{"id": number(ref_field), "value": ref}]
    return body


def number(value: str) -> int:
    """An id as Acuity wants it. Raises `ValueError` for what cannot be one."""
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise ValueError("not an Acuity id")
    return int(value)


def error_code(body: Any) -> str:
    """`{"status_code":400,"message":"...","error":"cancel_not_allowed"}`: the message is dropped."""
    return short_code(body.get("error")) if isinstance(body, dict) else ""
