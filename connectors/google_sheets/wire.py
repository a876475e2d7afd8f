"""A row in our words, and ours in the cells of a row. A row without an id or a time is none of ours."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.contract import BookingRequest
from connectors.errors import NotFound, VendorFault
from connectors.google_sheets import cells
from connectors.google_sheets.table import Header, Row
from connectors.parsing import documented, e164, known_zone, pairs, whole_number
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status

Settings = Mapping[str, str]

WORDS = {
    Status.BOOKED: "booked, confirmed, scheduled, rescheduled, rebooked",
    Status.CANCELLED: "cancelled, canceled",
    Status.NOSHOW: "missed, no-show, noshow, no show",
    Status.FULFILLED: "done, completed, fulfilled, attended",
}
LOST = (Status.CANCELLED, Status.NOSHOW)
KINDS = {
    Status.BOOKED: ChangeKind.MOVED,
    Status.CANCELLED: ChangeKind.CANCELLED,
    Status.NOSHOW: ChangeKind.NOSHOW,
}
WATCHED = (
    "status", "starts", "hour", "ends", "name", "given", "family", "phone", "email", "service",
    "service_id", "calendar", "place", "zone", "cancelled_by",
)  # fmt: skip


def words(settings: Settings, status: Status) -> list[str]:
    """How staff write a status: the first is how we write it."""
    listed = settings.get(f"{status}_values") or WORDS[status]
    return [word.strip() for word in listed.split(",") if word.strip()]


def status_of(word: str, settings: Settings) -> Status | None:
    """None for a word that is not configured."""
    for status in Status:
        if word.strip().casefold() in [one.casefold() for one in words(settings, status)]:
            return status
    return None


def appointment(row: Row, settings: Settings, zone: str) -> Appointment:
    """Raises `NotFound` where the row holds no time, `VendorFault` where it cannot be read."""
    own_zone = known_zone(row.text("zone"), zone)
    date_format, region = settings.get("date_format", ""), settings.get("region") or "US"
    with documented():
        starts_at = cells.moment(row.cell("starts"), row.cell("hour"), own_zone, date_format)
        if starts_at is None:
            raise NotFound("the row holds no time")
        ends_at = cells.moment(row.cell("ends"), None, own_zone, date_format)
        return Appointment(
            id=row.id,
            status=status_of(row.text("status"), settings) or Status.BOOKED,
            starts_at=starts_at,
            ends_at=ends_at or starts_at + timedelta(minutes=whole_number(settings, "minutes", 60)),
            zone=own_zone,
            person=_person(row, region),
            service=row.text("service"),
            service_id=row.text("service_id"),
            calendar=row.text("calendar"),
            place=row.text("place"),
            version=fingerprint(row),
            by_client=_by_client(row.text("cancelled_by"), settings),
            ours=row.text("ref"),
            same_as=_same_as(row, settings),
        )


def readable(row: Row, settings: Settings, zone: str) -> Appointment | None:
    """For a walk: one row that cannot be read must not hide the others."""
    try:
        return appointment(row, settings, zone)
    except (NotFound, VendorFault):
        return None


def fingerprint(row: Row) -> str:
    """Sheets have no version of a row: what we act on, hashed, stands for one."""
    watched = json.dumps([row.text(name) for name in WATCHED], ensure_ascii=True)
    return hashlib.sha256(watched.encode()).hexdigest()[:12]


def _person(row: Row, region: str) -> Person:
    given, _, family = row.text("name").partition(" ")
    return Person(
        given_name=row.text("given") or given,
        family_name=row.text("family") or family.strip(),
        phone=e164(row.text("phone"), region),
        email=row.text("email"),
    )


def _by_client(word: str, settings: Settings) -> bool | None:
    if not word:
        return None
    listed = (settings.get("client_values") or "client, customer").split(",")
    return word.casefold() in [one.strip().casefold() for one in listed]


def _same_as(row: Row, settings: Settings) -> str:
    for title, connection in pairs(settings.get("link_fields", "")).items():
        if row.text(title):
            return f"{connection}:{row.text(title)}"
    return ""


def times(row: Row, slot: Slot, settings: Settings, zone: str) -> dict[str, Any]:
    """The cells of a new time, written as the old one was."""
    own_zone = known_zone(row.text("zone"), zone)
    date_format = settings.get("date_format", "")
    was = (row.cell("starts"), row.cell("hour"))
    starts, hour = cells.written(slot.starts_at, was, own_zone, date_format)
    wanted: dict[str, Any] = {"starts": starts}
    if cells.text(row.cell("hour")):
        wanted["hour"] = hour
    if row.header.place("ends") is not None:
        was = (row.cell("ends") or row.cell("starts"), None)
        wanted["ends"] = cells.written(slot.ends_at, was, own_zone, date_format)[0]
    return wanted


def row_id(our_ref: str) -> str:
    """The id of a row of ours, the same for the same reference."""
    return "rb-" + hashlib.sha256(our_ref.encode()).hexdigest()[:16]


def new_row(
    header: Header, request: BookingRequest, our_ref: str, settings: Settings
) -> dict[str, Any]:
    """Columns that the sheet does not have are left out."""
    person, zone = request.person, known_zone(request.zone)
    blank = Row(header, 0, [])
    return {
        **times(blank, request.slot, settings, zone),
        "id": row_id(our_ref),
        "status": words(settings, Status.BOOKED)[0],
        "name": f"{person.given_name} {person.family_name}".strip(),
        "given": person.given_name,
        "family": person.family_name,
        "phone": person.phone,
        "email": person.email,
        "service": request.service,
        "service_id": request.service_id,
        "calendar": request.slot.calendar,
        "zone": zone,
        "note": request.note,
        "ref": our_ref,
    }


def noted(row: Row, note: str) -> str | None:
    """Our note's cell with one more line, or None where it stands there already."""
    lines = row.text("note").splitlines()
    return None if note in lines else "\n".join([*lines, note])
