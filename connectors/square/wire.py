"""Square's words in ours. A booking names its customer and its service by their ids alone."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import SlotQuery
from connectors.parsing import documented, e164, instant, known_zone, pairs, short_code
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status

Row = Mapping[str, Any]

STATUSES = {
    "PENDING": Status.BOOKED,
    "ACCEPTED": Status.BOOKED,
    "DECLINED": Status.CANCELLED,
    "CANCELLED_BY_CUSTOMER": Status.CANCELLED,
    "CANCELLED_BY_SELLER": Status.CANCELLED,
    "NO_SHOW": Status.NOSHOW,
}
KINDS = {Status.CANCELLED: ChangeKind.CANCELLED, Status.NOSHOW: ChangeKind.NOSHOW}
BY_CLIENT = {"CANCELLED_BY_CUSTOMER": True, "CANCELLED_BY_SELLER": False, "DECLINED": False}
TOO_MANY = frozenset({"RATE_LIMITED"})
CHANGED = frozenset({"CONFLICT", "VERSION_MISMATCH"})
OWN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
REFERENCE = re.compile(r"^Rebook ([A-Za-z0-9_.:-]{1,64})$", re.MULTILINE)
SEGMENT = (
    "team_member_id", "service_variation_id", "service_variation_version", "duration_minutes",
)  # fmt: skip
A_DAY = timedelta(days=1)
LONGEST = timedelta(days=31)


def appointment(row: Row, person: Person, zone: str, settings: Mapping[str, str]) -> Appointment:
    with documented():
        starts_at = instant(row["start_at"])
        segments = row.get("appointment_segments") or []
        service = str(segments[0].get("service_variation_id") or "") if segments else ""
        return Appointment(
            id=str(row["id"]),
            status=STATUSES[row["status"]],
            starts_at=starts_at,
            ends_at=starts_at + _length(segments, settings),
            zone=known_zone(zone),
            person=person,
            service=pairs(settings.get("service_names", "")).get(service, ""),
            service_id=service,
            calendar=str(segments[0].get("team_member_id") or "") if segments else "",
            version=str(row.get("version", "")),
            by_client=BY_CLIENT.get(row["status"]),
            ours=_reference(row),
            same_as=_same_as(row, settings.get("link_fields", "")),
        )


def _length(segments: list[Row], settings: Mapping[str, str]) -> timedelta:
    told = [(s.get("duration_minutes") or 0, s.get("intermission_minutes") or 0) for s in segments]
    minutes = sum(int(each) for pair in told for each in pair)
    return timedelta(minutes=minutes or int(settings.get("minutes") or 60))


def _reference(row: Row) -> str:
    found = REFERENCE.search(str(row.get("seller_note") or ""))
    return found.group(1) if found else ""


def _same_as(row: Row, link_fields: str) -> str:
    """`link_fields` reads `word=connection`: a note then holds a line such as `word: id`."""
    text = "\n".join(str(row.get(name) or "") for name in ("seller_note", "customer_note"))
    for word, connection in pairs(link_fields).items():
        if found := re.search(rf"\b{re.escape(word)}\s*[:=]\s*([\w-]{{1,64}})", text):
            return f"{connection}:{found.group(1)}"
    return ""


def person(row: Row, region: str) -> Person:
    return Person(
        given_name=str(row.get("given_name") or ""),
        family_name=str(row.get("family_name") or ""),
        phone=e164(str(row.get("phone_number") or ""), region),
        email=str(row.get("email_address") or "").strip(),
    )


@dataclass(frozen=True)
class Place:
    """Where and by whom a slot can be booked: what Square wants back word for word."""

    location: str
    segments: list[dict[str, Any]]

    def dump(self) -> str:
        told = [[segment.get(name) for name in SEGMENT] for segment in self.segments]
        return json.dumps([self.location, *told], separators=(",", ":"))

    @classmethod
    def load(cls, key: str) -> "Place | None":
        """None for another platform's key."""
        try:
            location, *told = json.loads(key)
            segments = [dict(zip(SEGMENT, row, strict=True)) for row in told]
        except (ValueError, TypeError):
            return None
        return cls(str(location), segments) if segments else None


def search(
    starts_at: datetime, ends_at: datetime, location: str, service: str, calendar: str
) -> dict[str, Any]:
    """A period of at least a day, as Square wants it."""
    segment: dict[str, Any] = {"service_variation_id": service}
    if calendar:
        segment["team_member_id_filter"] = {"any": [calendar]}
    span = {"start_at": rfc3339(starts_at), "end_at": rfc3339(max(ends_at, starts_at + A_DAY))}
    asked = {"start_at_range": span, "location_id": location, "segment_filters": [segment]}
    return {"query": {"filter": asked}}


def spans(starts_at: datetime, ends_at: datetime) -> list[tuple[datetime, datetime]]:
    """Square answers at most thirty-two days at once."""
    found = []
    while starts_at < ends_at:
        found.append((starts_at, min(starts_at + LONGEST, ends_at)))
        starts_at += LONGEST
    return found


def slots(answer: Any) -> list[Slot]:
    with documented():
        return [_slot(row) for row in answer.get("availabilities") or []]


def _slot(row: Row) -> Slot:
    starts_at = instant(row["start_at"])
    segments = [{name: one.get(name) for name in SEGMENT} for one in row["appointment_segments"]]
    minutes = sum(int(one["duration_minutes"]) for one in segments)
    place = Place(str(row["location_id"]), segments)
    calendar = str(segments[0]["team_member_id"])
    return Slot(starts_at, starts_at + timedelta(minutes=minutes), calendar, place.dump())


def within(found: list[Slot], query: SlotQuery) -> list[Slot]:
    return [s for s in found if query.starts_at <= s.starts_at and s.ends_at <= query.ends_at]


def new_booking(slot: Slot, place: Place, customer: str, note: str) -> dict[str, Any]:
    """The fields of a booking; a note stands in it where we may write one."""
    made: dict[str, Any] = {
        "start_at": rfc3339(slot.starts_at),
        "location_id": place.location,
        "customer_id": customer,
        "appointment_segments": place.segments,
    }
    return {**made, "seller_note": note} if note else made


def key(*parts: str) -> str:
    """An idempotency key that is the same for the same doing."""
    return "rebook-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def note_of(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def rfc3339(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def error_code(body: Any) -> str:
    """`{"errors": [{"category", "code", "detail"}]}`: the code alone is kept."""
    try:
        return short_code(body["errors"][0]["code"])
    except (KeyError, TypeError, IndexError):
        return ""
