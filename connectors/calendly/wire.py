"""Calendly's words in ours. An invitee of an event is an appointment; ids are the ends of addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import BookingRequest, SlotQuery
from connectors.parsing import documented, e164, instant, known_zone, pairs, phone_in, short_code
from rebook.domain.appointments import Appointment, Busy, Person, Slot, Status

Row = Mapping[str, Any]

INVITEE = re.compile(r"/scheduled_events/([\w-]{1,64})/invitees/([\w-]{1,64})$", re.ASCII)
OWN_ID = re.compile(r"([\w-]{1,64})/([\w-]{1,64})", re.ASCII)
SOURCE = "rebook"
BY_CLIENT = {"invitee": True, "host": False}
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Visit:
    """One invitee with the event: `id` is that of the first of a chain of reschedulings."""

    id: str
    invitee: Row
    event: Row


def id_of(uri: object) -> str:
    """`event/invitee` of an invitee's address. Raises `ValueError`."""
    found = INVITEE.search(uri) if isinstance(uri, str) else None
    if found is None:
        raise ValueError("not the address of an invitee")
    return f"{found.group(1)}/{found.group(2)}"


def last_part(uri: object) -> str:
    if not isinstance(uri, str) or not uri:
        raise ValueError("not an address")
    return uri.rsplit("/", 1)[1]


def appointment(visit: Visit, settings: Mapping[str, str]) -> Appointment:
    invitee, event = visit.invitee, visit.event
    with documented():
        return Appointment(
            id=visit.id,
            status=_status(invitee, event),
            starts_at=instant(event["start_time"]),
            ends_at=instant(event["end_time"]),
            zone=known_zone(invitee.get("timezone"), settings.get("zone")),
            person=_person(invitee, event, settings.get("region") or "US"),
            service=str(event.get("name") or ""),
            service_id=str(event["event_type"]),
            calendar=_host(event),
            place=_place(event),
            version=str(invitee["updated_at"]),
            by_client=_by_client(invitee, event),
            ours=_ours(invitee),
            same_as=_same_as(invitee, settings.get("link_fields", "")),
        )


def _status(invitee: Row, event: Row) -> Status:
    """Missed is what the host marks; who moved away is followed before it comes to this."""
    if "canceled" in (invitee["status"], event["status"]):
        return Status.CANCELLED
    return Status.NOSHOW if invitee.get("no_show") else Status.BOOKED


def _by_client(invitee: Row, event: Row) -> bool | None:
    told = invitee.get("cancellation") or event.get("cancellation") or {}
    return BY_CLIENT.get(str(told.get("canceler_type")))


def _host(event: Row) -> str:
    members = event.get("event_memberships") or [{}]
    return str(members[0].get("user") or "")


def _place(event: Row) -> str:
    where = event.get("location") or {}
    return str(where.get("location") or "") if where.get("type") == "physical" else ""


def _person(invitee: Row, event: Row, region: str) -> Person:
    given, _, family = str(invitee.get("name") or "").partition(" ")
    return Person(
        given_name=str(invitee.get("first_name") or "") or given,
        family_name=str(invitee.get("last_name") or "") or family.strip(),
        phone=_phone(invitee, event, region),
        email=str(invitee.get("email") or "").strip(),
    )


def _phone(invitee: Row, event: Row, region: str) -> str:
    """Where texts go, where a call goes to, or what was answered to a question about a phone."""
    where = event.get("location") or {}
    called = where.get("location") if where.get("type") == "outbound_call" else ""
    for told in (invitee.get("text_reminder_number"), called):
        if told and (number := e164(str(told), region)):
            return number
    return phone_in("\n".join(_answers(invitee, "phone")), region)


def _answers(invitee: Row, word: str) -> list[str]:
    return [
        str(one.get("answer") or "")
        for one in invitee.get("questions_and_answers") or []
        if word.casefold() in str(one.get("question") or "").casefold()
    ]


def _ours(invitee: Row) -> str:
    tracking = invitee.get("tracking") or {}
    return str(tracking.get("utm_content") or "") if tracking.get("utm_source") == SOURCE else ""


def _same_as(invitee: Row, link_fields: str) -> str:
    """`link_fields` reads `name=connection`: a tracking field, or words of a question."""
    tracking = invitee.get("tracking") or {}
    for name, connection in pairs(link_fields).items():
        told = [str(tracking.get(name) or ""), *_answers(invitee, name)]
        if found := next((one.strip() for one in told if one.strip()), ""):
            return f"{connection}:{found}"
    return ""


def booking(
    request: BookingRequest, service: str, ref: str, settings: Mapping[str, str]
) -> dict[str, Any]:
    """The body of a create. Our reference rides in the tracking fields, which come back."""
    person = request.person
    name = " ".join(part for part in (person.given_name, person.family_name) if part)
    invitee = {"name": name or person.email, "email": person.email, "timezone": request.zone}
    if person.phone and settings.get("text_reminders") == "yes":
        invitee["text_reminder_number"] = person.phone
    body: dict[str, Any] = {
        "event_type": service,
        "start_time": rfc3339(request.slot.starts_at),
        "invitee": invitee,
        "tracking": {"utm_source": SOURCE, "utm_content": ref},
    }
    if settings.get("location_kind"):
        where = {"kind": settings["location_kind"], "location": settings.get("location")}
        body["location"] = {name: value for name, value in where.items() if value}
    return body


def made_id(answer: Any) -> str:
    """The reply names the invitee in `invitee` or in `resource`."""
    with documented():
        return id_of((answer.get("invitee") or answer["resource"])["uri"])


def weeks(starts_at: datetime, ends_at: datetime) -> list[tuple[datetime, datetime]]:
    """Calendly answers at most seven days at once."""
    found = []
    while starts_at < ends_at:
        found.append((starts_at, min(starts_at + WEEK, ends_at)))
        starts_at += WEEK
    return found


def slots(answer: Any, query: SlotQuery) -> list[Slot]:
    """`key` is Calendly's own link to the time, which needs no booking by us."""
    length = timedelta(minutes=query.minutes)
    with documented():
        rows = [one for one in answer["collection"] if one.get("status") == "available"]
        found = [(instant(one["start_time"]), str(one.get("scheduling_url") or "")) for one in rows]
    return [
        Slot(starts_at=start, ends_at=start + length, calendar=query.calendar, key=link)
        for start, link in found
        if query.starts_at <= start and start + length <= query.ends_at
    ]


def busy(answer: Any) -> list[Busy]:
    """With the free minutes around an appointment, where Calendly keeps them."""
    with documented():
        return [
            Busy(
                instant(one.get("buffered_start_time") or one["start_time"]),
                instant(one.get("buffered_end_time") or one["end_time"]),
            )
            for one in answer["collection"]
        ]


def rfc3339(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def error_code(body: Any) -> str:
    """`{"title": "Invalid Argument", "message": ..., "details": ...}`: the title alone is kept."""
    title = body.get("title") if isinstance(body, dict) else None
    return short_code(title.replace(" ", "_")) if isinstance(title, str) else ""
