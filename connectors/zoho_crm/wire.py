"""Zoho's appointments in ours. It has no word for missed: overdue is the nearest."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import Refused, WithoutTime
from connectors.parsing import documented, e164, instant, known_zone, pairs
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, Person, Slot, Status

Row = Mapping[str, Any]

REFERENCE = re.compile(r"Rebook reference: (\S+)")
FIELDS = (
    "id", "Appointment_Name", "Status", "Appointment_Start_Time", "Appointment_End_Time",
    "Appointment_For", "Service_Name", "Owner", "Location", "Address", "Additional_Information",
    "Cancellation_Reason", "Modified_Time",
)  # fmt: skip
PERSON_FIELDS = "First_Name,Last_Name,Email,Phone,Mobile"
WITH_PEOPLE = ("Contacts", "Leads")
USUAL = {"cancelled": "Cancelled", "noshow": "Overdue", "fulfilled": "Completed"}


def fields(settings: Mapping[str, str]) -> str:
    own = [settings.get("status_field", ""), settings.get("ref_field", "")]
    named = [*FIELDS, *own, *pairs(settings.get("link_fields", ""))]
    return ",".join(dict.fromkeys(filter(None, named)))


def appointment(row: Row, settings: Mapping[str, str], person: Person) -> Appointment:
    """Raises `WithoutTime` for a record without a start."""
    with documented():
        if not row["Appointment_Start_Time"]:
            raise WithoutTime("the appointment has no time")
        starts_at = instant(row["Appointment_Start_Time"])
        ends_at = _end(row, starts_at, settings)
        service = row.get("Service_Name") or {}
        return Appointment(
            id=str(row["id"]),
            status=_status(row, ends_at, settings),
            starts_at=starts_at,
            ends_at=ends_at,
            zone=known_zone(settings.get("zone")),
            person=person,
            service=str(service.get("name") or ""),
            service_id=str(service.get("id") or ""),
            calendar=str((row.get("Owner") or {}).get("id") or ""),
            place=str(row.get("Address") or ""),
            version=str(row.get("Modified_Time") or ""),
            by_client=_by_client(row),
            ours=reference(row, settings),
            same_as=_same_as(row, settings.get("link_fields", "")),
        )


def _end(row: Row, starts_at: datetime, settings: Mapping[str, str]) -> datetime:
    told = row.get("Appointment_End_Time")
    ends_at = instant(told) if told else starts_at
    usual = timedelta(minutes=int(settings.get("minutes") or 60))
    return ends_at if ends_at > starts_at else starts_at + usual


def patience(settings: Mapping[str, str]) -> timedelta:
    return timedelta(minutes=int(settings.get("late_minutes") or 60))


def values(kind: str, settings: Mapping[str, str]) -> list[str]:
    told = settings.get(f"{kind}_values") or USUAL[kind]
    return [word.strip() for word in told.split(",") if word.strip()]


def status_field(settings: Mapping[str, str]) -> str:
    return settings.get("status_field") or "Status"


def _status(row: Row, ends_at: datetime, settings: Mapping[str, str]) -> Status:
    """Zoho calls an appointment overdue as soon as it has begun: staff get a while to complete it."""
    said = {str(row.get(name)).casefold() for name in {"Status", status_field(settings)}}
    words = {kind: {word.casefold() for word in values(kind, settings)} for kind in USUAL}
    if said & words["cancelled"]:
        return Status.CANCELLED
    if said & words["fulfilled"]:
        return Status.FULFILLED
    over = ends_at + patience(settings) <= clock.now()
    return Status.NOSHOW if said & words["noshow"] and over else Status.BOOKED


def is_cancelled(row: Row, settings: Mapping[str, str]) -> bool:
    words = {word.casefold() for word in values("cancelled", settings)}
    return str(row.get(status_field(settings))).casefold() in words


def _by_client(row: Row) -> bool | None:
    told: dict[object, bool] = {"By Customer": True, "By Team": False}
    return told.get(row.get("Cancellation_Reason"))


def reference(row: Row, settings: Mapping[str, str], text: str = "Additional_Information") -> str:
    """In a field of its own where one is configured, else a line in the additional information."""
    own = settings.get("ref_field", "")
    found = REFERENCE.search(str(row.get(text) or ""))
    return str(row[own]) if own and row.get(own) else found.group(1) if found else ""


def _same_as(row: Row, link_fields: str) -> str:
    """`link_fields` reads `field=connection`; the first field that is set decides."""
    for name, connection in pairs(link_fields).items():
        if row.get(name):
            return f"{connection}:{row[name]}"
    return ""


def client_of(row: Row) -> tuple[str, str]:
    """The module and the id of whom the appointment is for."""
    with documented():
        whom = row.get("Appointment_For") or {}
        return str((whom.get("module") or {}).get("api_name") or ""), str(whom.get("id") or "")


def named(row: Row) -> Person:
    """What the appointment itself says of its client: a name alone."""
    with documented():
        name = str((row.get("Appointment_For") or {}).get("name") or "")
        given, _, family = name.partition(" ")
        return Person(given, family.strip())


def person(row: Row, region: str) -> Person:
    with documented():
        phones = (e164(str(row.get(name) or ""), region) for name in ("Mobile", "Phone"))
        return Person(
            str(row.get("First_Name") or ""),
            str(row.get("Last_Name") or ""),
            next(filter(None, phones), ""),
            str(row.get("Email") or ""),
        )


def local(moment: datetime, settings: Mapping[str, str]) -> str:
    zone = ZoneInfo(known_zone(settings.get("zone")))
    return moment.astimezone(zone).isoformat(timespec="seconds")


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%MZ}"


def revived(old: Row, settings: Mapping[str, str]) -> dict[str, str]:
    """What takes a word for missed back."""
    field = status_field(settings)
    missed = {word.casefold() for word in values("noshow", settings)}
    return {field: "Scheduled"} if str(old.get(field)).casefold() in missed else {}


def copied(old: Row) -> dict[str, Any]:
    """What a new appointment takes over from the one it follows."""
    module, identity = client_of(old)
    with documented():
        kept = {
            "Appointment_Name": old["Appointment_Name"],
            "Appointment_For": {"module": {"api_name": module}, "id": identity},
            "Service_Name": {"id": old["Service_Name"]["id"]},
            "Owner": old["Owner"]["id"],
            "Location": old.get("Location") or "Business Address",
        }
        return {**kept, "Address": old["Address"]} if old.get("Address") else kept


def new(slot: Slot, our_ref: str, note: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """What is new about it: its time, whose time it is, and our reference."""
    own = settings.get("ref_field", "")
    line = "" if own else f"Rebook reference: {our_ref}"
    text = "\n".join(filter(None, [note, line]))
    return {
        "Appointment_Start_Time": local(slot.starts_at, settings),
        **({own: our_ref} if own else {}),
        **({"Additional_Information": text} if text else {}),
        **({"Owner": owner(slot.calendar)} if slot.calendar else {}),
    }


def owner(calendar: str) -> str:
    if not (calendar.isascii() and calendar.isdigit()):
        raise Refused("not a user's id", code="unknown_calendar")
    return calendar


def busy(row: Row, settings: Mapping[str, str]) -> Busy | None:
    if not row.get("Appointment_Start_Time"):
        return None
    one = appointment(row, settings, Person())
    return None if one.status is Status.CANCELLED else Busy(one.starts_at, one.ends_at)
