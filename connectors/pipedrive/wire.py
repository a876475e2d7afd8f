"""Pipedrive's activities in ours. Their dates and times are UTC and say nothing of it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import NoAppointment, Refused, WithoutTime
from connectors.parsing import documented, e164, instant, known_zone, pairs
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, Person, Slot, Status

Row = Mapping[str, Any]

REFERENCE = re.compile(r"Rebook reference: ([\w.:-]+)")


def words(setting: str) -> set[str]:
    return {word.strip().casefold() for word in setting.split(",") if word.strip()}


def is_appointment(types: set[str], settings: Mapping[str, str]) -> bool:
    """By the activity's type; a type may also be what says that it was cancelled or missed."""
    wanted = words(settings.get("types") or "meeting")
    if settings.get("status_field") == "type":
        wanted |= _values("cancelled", settings) | _values("noshow", settings)
    return bool({one.casefold() for one in types} & wanted)


def appointment(row: Row, settings: Mapping[str, str], person: Person) -> Appointment:
    """Raises `NoAppointment` for another type or a whole day, `WithoutTime` for one without a date."""
    with documented():
        identity = str(int(row["id"]))
        if not is_appointment({str(row["type"])}, settings):
            raise NoAppointment("not an activity that is an appointment")
        changed = instant(row["update_time"])
        if not row.get("due_date"):
            raise WithoutTime("the activity has no date")
        if not row.get("due_time"):
            raise NoAppointment("the activity takes the whole day")
        starts_at = start(row)
        ends_at = starts_at + lasting(row, settings)
        return Appointment(
            id=identity,
            status=_status(row, ends_at, settings),
            starts_at=starts_at,
            ends_at=ends_at,
            zone=known_zone(settings.get("zone")),
            person=person,
            service=str(row.get("subject") or ""),
            service_id=str(row["type"]),
            calendar=str(row.get("owner_id") or ""),
            place=str((row.get("location") or {}).get("value") or ""),
            version=f"{changed:%Y%m%dT%H%M%SZ} {version(starts_at, ends_at)}",
            ours=reference(row),
            same_as=_same_as(row, settings.get("link_fields", "")),
        )


def start(row: Row) -> datetime:
    """`15:00`, `15:00:00` and a full day's date; both are UTC."""
    return datetime.fromisoformat(f"{row['due_date']}T{row['due_time']}").replace(tzinfo=UTC)


def lasting(row: Row, settings: Mapping[str, str]) -> timedelta:
    hours, minutes = f"{row.get('duration') or 0}:0".split(":")[:2]
    lasts = timedelta(hours=int(hours), minutes=int(minutes))
    return lasts or timedelta(minutes=int(settings.get("minutes") or 60))


def version(starts_at: datetime, ends_at: datetime) -> str:
    """Pipedrive compares no versions: what we may overwrite is a time that we have seen."""
    return f"{starts_at:%Y%m%dT%H%MZ}/{ends_at:%Y%m%dT%H%MZ}"


def patience(settings: Mapping[str, str]) -> timedelta:
    return timedelta(minutes=int(settings.get("late_minutes") or 60))


def _status(row: Row, ends_at: datetime, settings: Mapping[str, str]) -> Status:
    """A configured value decides; else done is done, and what is overdue was missed."""
    said = str(row.get(settings.get("status_field") or "outcome")).casefold()
    if row.get("is_deleted") or said in _values("cancelled", settings):
        return Status.CANCELLED
    if said in _values("noshow", settings):
        return Status.NOSHOW
    if row.get("done"):
        return Status.FULFILLED
    judged = (settings.get("overdue_is_missed") or "yes").casefold() != "no"
    overdue = ends_at + patience(settings) <= clock.now()
    return Status.NOSHOW if judged and overdue else Status.BOOKED


def _values(kind: str, settings: Mapping[str, str]) -> set[str]:
    return words(settings.get(f"{kind}_values", ""))


def saying(kind: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """The first configured value that says so, as a change. An outcome's value is a number."""
    value = settings.get(f"{kind}_values", "").split(",")[0].strip()
    if not value:
        return {}
    field = settings.get("status_field") or "outcome"
    if field == "outcome" and not value.isdigit():
        raise Refused("an outcome's value is a number", code="not_configured")
    return {field: int(value) if field == "outcome" else value}


def says(row: Row, settings: Mapping[str, str]) -> bool:
    """Whether a configured word already says that it was cancelled or missed."""
    said = str(row.get(settings.get("status_field") or "outcome")).casefold()
    return said in _values("cancelled", settings) | _values("noshow", settings)


def usual_type(settings: Mapping[str, str]) -> str:
    return (settings.get("types") or "meeting").split(",")[0].strip()


def reference(row: Row) -> str:
    found = REFERENCE.search(str(row.get("note") or ""))
    return found.group(1) if found else ""


def with_line(note: object, line: str) -> str:
    """Pipedrive's notes are HTML."""
    return f"{note}<br>{line}" if note else line


def _same_as(row: Row, link_fields: str) -> str:
    """`link_fields` reads `field=connection`; the first field that is set decides."""
    fields = {**(row.get("custom_fields") or {}), **row}
    for name, connection in pairs(link_fields).items():
        if fields.get(name):
            return f"{connection}:{fields[name]}"
    return ""


def person_id(row: Row) -> int | None:
    """The primary participant, else the person that the activity is linked to."""
    with documented():
        listed = row.get("participants") or []
        first = sorted(listed, key=lambda one: not one.get("primary"))[:1]
        found = first[0]["person_id"] if first else row.get("person_id")
        return int(found) if found else None


def person(row: Row, region: str) -> Person:
    with documented():
        return Person(
            str(row.get("first_name") or ""),
            str(row.get("last_name") or ""),
            e164(_first(row.get("phones")), region),
            _first(row.get("emails")),
        )


def _first(points: list[Row] | None) -> str:
    """The primary one, else any."""
    listed = sorted(points or [], key=lambda one: not one.get("primary"))
    return str(listed[0].get("value") or "") if listed else ""


def guest(row: Row) -> Person:
    """Somebody who attends, is not of the house and is no person of Pipedrive's yet."""
    with documented():
        for one in row.get("attendees") or []:
            if not (one.get("user_id") or one.get("is_organizer")):
                given, _, family = str(one.get("name") or "").partition(" ")
                return Person(given, family.strip(), "", str(one.get("email") or ""))
        return Person()


def times(slot: Slot) -> dict[str, str]:
    starts_at = slot.starts_at.astimezone(UTC)
    minutes = round((slot.ends_at - slot.starts_at).total_seconds() / 60)
    return {
        "due_date": f"{starts_at:%Y-%m-%d}",
        "due_time": f"{starts_at:%H:%M}",
        "duration": f"{minutes // 60:02d}:{minutes % 60:02d}",
    }


def links(old: Row) -> dict[str, Any]:
    """What a new activity takes over from the one it replaces. A person is linked by taking part."""
    kept = {name: old[name] for name in ("deal_id", "lead_id", "org_id") if old.get(name)}
    person = person_id(old)
    return {**kept, "participants": [{"person_id": person, "primary": True}]} if person else kept


def busy(row: Row, settings: Mapping[str, str]) -> Busy | None:
    """An activity without an hour takes none; `busy` may be unset."""
    with documented():
        if not (row.get("due_date") and row.get("due_time")) or row.get("busy") is False:
            return None
        return Busy(start(row), start(row) + lasting(row, settings))
