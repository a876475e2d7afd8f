"""Jobber's visits in ours. A visit has no word for cancelled or missed: it is gone, or late."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.contract import BookingRequest
from connectors.errors import WithoutTime
from connectors.parsing import documented, e164, instant, known_zone
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, Person, Slot, Status

Row = Mapping[str, Any]

REFERENCE = re.compile(r"^Rebook reference: (\S+)$", re.MULTILINE)
FREE_ALL_DAY = frozenset({"Visit", "Assessment", "Task"})
"""An item without an hour ("anytime") leaves the hours free; only an event takes the whole day."""


def appointment(visit: Row, settings: Mapping[str, str]) -> Appointment:
    """Raises `WithoutTime` for a visit that was unscheduled."""
    with documented():
        identity = encoded_id(visit["id"])
        if not visit["startAt"]:
            raise WithoutTime("the visit is not scheduled")
        starts_at = instant(visit["startAt"])
        ends_at = _end(visit, starts_at, settings)
        job = visit.get("job") or {}
        return Appointment(
            id=identity,
            status=_status(visit, ends_at, settings),
            starts_at=starts_at,
            ends_at=ends_at,
            zone=known_zone(settings.get("zone")),
            person=_person(visit["client"], settings.get("region") or "US"),
            service=str(job.get("title") or ""),
            service_id=str(job.get("id") or ""),
            calendar=assigned(visit),
            place=_place(visit),
            version=version(starts_at, ends_at),
            ours=_reference(visit),
        )


def encoded_id(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not an id")
    return value


def version(starts_at: datetime, ends_at: datetime) -> str:
    """Jobber numbers no versions: what we may overwrite is a time that we have seen."""
    return f"{starts_at:%Y%m%dT%H%MZ}/{ends_at:%Y%m%dT%H%MZ}"


def assigned(visit: Row) -> str:
    nodes = (visit.get("assignedUsers") or {}).get("nodes") or []
    return encoded_id(nodes[0]["id"]) if nodes else ""


def _end(visit: Row, starts_at: datetime, settings: Mapping[str, str]) -> datetime:
    ends_at = instant(visit["endAt"]) if visit.get("endAt") else starts_at
    usual = timedelta(minutes=int(settings.get("minutes") or 60))
    return ends_at if ends_at > starts_at else starts_at + usual


def _status(visit: Row, ends_at: datetime, settings: Mapping[str, str]) -> Status:
    """An incomplete visit is LATE as soon as it has ended: the crew gets a while to complete it."""
    if visit["isComplete"]:
        return Status.FULFILLED
    missed = {word.strip().upper() for word in settings.get("noshow_values", "LATE").split(",")}
    patience = timedelta(minutes=int(settings.get("late_minutes") or 60))
    late = str(visit["visitStatus"]).upper() in missed and ends_at + patience <= clock.now()
    return Status.NOSHOW if late else Status.BOOKED


def _person(client: Row, region: str) -> Person:
    """The number Jobber itself would text; none where the client takes no texts."""
    phones = [phone for phone in client["phones"] if phone["smsAllowed"]]
    phone = _first(phones)
    number = str(phone.get("normalizedPhoneNumber") or phone.get("number") or "")
    return Person(
        str(client.get("firstName") or ""),
        str(client.get("lastName") or ""),
        e164(number, region),
        str(_first(client["emails"]).get("address") or ""),
    )


def _first(points: list[Row]) -> Row:
    """The primary one, else any."""
    return next((one for one in points if one["primary"]), points[0] if points else {})


def _place(visit: Row) -> str:
    address = (visit.get("property") or {}).get("address") or {}
    return ", ".join(str(address[part]) for part in ("street", "city") if address.get(part))


def _reference(row: Row) -> str:
    found = REFERENCE.search(str(row.get("instructions") or ""))
    return found.group(1) if found else ""


def is_ours(row: Row, our_ref: str) -> bool:
    return _reference(row) == our_ref


def with_reference(text: str, our_ref: str) -> str:
    return f"{text}\nRebook reference: {our_ref}".lstrip()


def schedule(slot: Slot, zone: str) -> dict[str, Any]:
    """Jobber takes a wall clock and its zone."""
    return {"startAt": _wall(slot.starts_at, zone), "endAt": _wall(slot.ends_at, zone)}


def _wall(moment: datetime, zone: str) -> dict[str, str]:
    local = moment.astimezone(ZoneInfo(zone))
    return {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M:%S}", "timezone": zone}


def new_visit(request: BookingRequest, our_ref: str, zone: str) -> dict[str, Any]:
    crew = {"teamMemberIdsToAssign": [request.slot.calendar]} if request.slot.calendar else {}
    return {
        "instructions": with_reference(request.note, our_ref),
        "schedule": {**schedule(request.slot, zone), "notifyTeam": True, **crew},
    }


def busy(item: Row, settings: Mapping[str, str]) -> Busy | None:
    with documented():
        if not item["startAt"] or (item["allDay"] and item["__typename"] in FREE_ALL_DAY):
            return None
        starts_at = instant(item["startAt"])
        return Busy(starts_at, _end(item, starts_at, settings))
