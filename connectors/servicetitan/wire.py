"""ServiceTitan's words in ours. An appointment's id is `job/visit`: only its job can be cancelled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import SlotQuery
from connectors.errors import NotFound, Refused
from connectors.parsing import documented, e164, instant, known_zone, pairs, words
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Person, Slot, Status

Row = Mapping[str, Any]
STANDING = {"Scheduled", "Dispatched", "Working"}
AWAITED = {"Scheduled", "Dispatched"}
LOST = {"Canceled", "Hold"}
NOSHOW_REASONS = "no show, no-show, noshow, customer not home, no access"


@dataclass(frozen=True)
class Own:
    """A visit and its job; the job of a bare id is not known."""

    job: str
    visit: str

    def __str__(self) -> str:
        return f"{self.job}/{self.visit}"


def own(appointment_id: str) -> Own:
    job, _, visit = appointment_id.rpartition("/")
    if not all(part.isascii() and part.isdigit() for part in (job or "0", visit)):
        raise NotFound("not a ServiceTitan appointment id")
    return Own(job, visit)


def own_of(row: Row) -> Own:
    with documented():
        return Own(str(int(row["jobId"])), str(int(row["id"])))


def number(value: str) -> int:
    """An id as ServiceTitan wants it, refused before anything is sent."""
    if not (value.isascii() and value.isdigit()):
        raise Refused("not a ServiceTitan id", code="invalid_id")
    return int(value)


@dataclass(frozen=True)
class About:
    """What an appointment's row does not say itself."""

    job: Row
    person: Person
    service: str
    reason: frozenset[str]
    """The id and the name of the reason its job was cancelled for, in small letters."""


def appointment(row: Row, about: About, settings: Mapping[str, str]) -> Appointment:
    with documented():
        status = _status(row, about.reason, settings)
        return Appointment(
            id=str(own_of(row)),
            status=status,
            starts_at=instant(row["start"]),
            ends_at=instant(row["end"]),
            zone=known_zone(settings.get("zone")),
            person=about.person,
            service=about.service,
            service_id=str(about.job["jobTypeId"]),
            calendar=str(about.job["businessUnitId"]),
            version=str(row["modifiedOn"]),
            by_client=_by_client(status, about.reason, settings),
            same_as=_same_as(about.job, settings.get("link_fields", "")),
        )


def _status(row: Row, reason: frozenset[str], settings: Mapping[str, str]) -> Status:
    """There is no word for a missed visit: a cancel reason says it, or the clock where it may."""
    match row["status"]:
        case "Canceled":
            missed = reason & words(settings.get("noshow_reasons") or NOSHOW_REASONS)
            return Status.NOSHOW if missed else Status.CANCELLED
        case "Hold":
            return _held(settings) or Status.CANCELLED
        case "Done":
            return Status.FULFILLED
        case said if said in STANDING:
            return Status.NOSHOW if is_overdue(row, settings) else Status.BOOKED
    raise ValueError("an unknown status")


def _held(settings: Mapping[str, str]) -> Status | None:
    meant = settings.get("hold_means", "").strip().lower()
    return Status(meant) if meant in ("cancelled", "noshow") else None


def is_told(row: Row, settings: Mapping[str, str]) -> bool:
    """Whether a poll passes it on: what is on hold is the office's own, unless it is said to be lost."""
    return row.get("status") in STANDING | {"Done", "Canceled"} or (
        row.get("status") == "Hold" and _held(settings) is not None
    )


def is_overdue(row: Row, settings: Mapping[str, str]) -> bool:
    minutes = settings.get("missed_after", "").strip()
    if not minutes or row["status"] not in AWAITED:
        return False
    ends = max(instant(row["end"]), instant(row.get("arrivalWindowEnd") or row["end"]))
    return ends + timedelta(minutes=int(minutes)) < clock.now()


def _by_client(status: Status, reason: frozenset[str], settings: Mapping[str, str]) -> bool | None:
    if status is not Status.CANCELLED:
        return None
    if reason & words(settings.get("client_reasons", "")):
        return True
    return False if reason & words(settings.get("company_reasons", "")) else None


def _same_as(job: Row, link_fields: str) -> str:
    """`link_fields` reads `field=connection`: a custom field of the job, or external data on it."""
    told = {str(f["name"]): str(f["value"]) for f in job.get("customFields") or []}
    told |= {str(d["key"]): str(d["value"]) for d in job.get("externalData") or []}
    for name, connection in pairs(link_fields).items():
        if told.get(name):
            return f"{connection}:{told[name]}"
    return ""


def person(customer: Row, contacts: list[Row], region: str) -> Person:
    """A mobile number before any other."""
    with documented():
        given, _, family = str(customer["name"] or "").strip().partition(" ")
        first = {str(c["type"]): str(c["value"] or "") for c in reversed(contacts)}
    phone = first.get("MobilePhone") or first.get("Phone", "")
    return Person(given, family.strip(), e164(phone, region), first.get("Email", "").strip())


def times(slot: Slot) -> dict[str, str]:
    """The key of a slot that came from a capacity window is the window, which the client is told."""
    body = {"start": stamp(slot.starts_at), "end": stamp(slot.ends_at)}
    opens, _, closes = slot.key.partition("/")
    return {**body, "arrivalWindowStart": opens, "arrivalWindowEnd": closes} if closes else body


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def slots(answer: Row, query: SlotQuery) -> list[Slot]:
    """Capacity comes as windows with open hours: visits follow one another while hours are left."""
    with documented():
        windows = [w for w in answer["availabilities"] if w["isAvailable"]]
        found = [slot for window in windows for slot in _in_window(window, query)]
    return sorted(found, key=lambda slot: slot.starts_at)


def _in_window(window: Row, query: SlotQuery) -> Iterator[Slot]:
    length = timedelta(minutes=query.minutes)
    start, closes = instant(window["startUtc"]), instant(window["endUtc"])
    key = f"{stamp(start)}/{stamp(closes)}"
    left = int(float(window["openAvailability"]) * 60 // query.minutes)
    while left > 0 and start + length <= min(closes, query.ends_at):
        if start >= query.starts_at:
            left -= 1
            yield Slot(start, start + length, query.calendar, key)
        start += length
