"""A deal in our words: its stage is the status, its own fields are the time. Titles are compared exactly."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activecampaign.account import Row, Whole
from connectors.contract import BookingRequest
from connectors.errors import NotFound, Refused, VendorFault
from connectors.parsing import documented, e164, instant, known_zone, pairs, whole_number
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status

Settings = Mapping[str, str]

STAGES = {
    Status.BOOKED: "Rescheduled, Booked, Scheduled, Confirmed",
    Status.CANCELLED: "Cancelled, Canceled",
    Status.NOSHOW: "Missed, No-show, No show",
    Status.FULFILLED: "Done, Completed",
}
KINDS = {Status.CANCELLED: ChangeKind.CANCELLED, Status.NOSHOW: ChangeKind.NOSHOW}
MARK = "rebook:"


def stages(settings: Settings, status: Status) -> list[str]:
    """Titles of stages: the first that a pipeline has is the one we move a deal to."""
    listed = settings.get(f"{status}_values") or STAGES[status]
    return [title.strip() for title in listed.split(",") if title.strip()]


def status_of(title: str, settings: Settings) -> Status | None:
    """None for a stage that is not configured."""
    for status in Status:
        if title.strip().casefold() in [one.casefold() for one in stages(settings, status)]:
            return status
    return None


def appointment(whole: Whole, settings: Settings) -> Appointment:
    """Raises `NotFound` for a deal without a time, `VendorFault` where it cannot be read."""
    deal, fields = whole.deal, whole.fields
    with documented():
        starts_at = moment(_own(fields, settings, "starts_field"), settings)
        if starts_at is None:
            raise NotFound("the deal holds no time")
        ends_at = moment(_own(fields, settings, "ends_field"), settings)
        return Appointment(
            id=str(deal["id"]),
            status=status_of(whole.stage, settings) or Status.BOOKED,
            starts_at=starts_at,
            ends_at=ends_at or starts_at + timedelta(minutes=whole_number(settings, "minutes", 60)),
            zone=known_zone(settings.get("zone")),
            person=_person(whole.contact, settings.get("region") or "US"),
            service=_own(fields, settings, "service_field") or str(deal.get("title") or ""),
            service_id=_own(fields, settings, "service_id_field"),
            calendar=str(deal.get("owner") or ""),
            version=str(deal["mdate"]),
            ours=mark_of(deal),
            same_as=_same_as(fields, settings),
        )


def readable(whole: Whole, settings: Settings) -> list[Appointment]:
    """For a list: one deal that cannot be read must not hide the others."""
    try:
        return [appointment(whole, settings)]
    except (NotFound, VendorFault):
        return []


def _own(fields: Mapping[str, str], settings: Settings, name: str) -> str:
    return fields.get(settings.get(name, ""), "").strip()


def moment(value: str, settings: Settings) -> datetime | None:
    """A text field holds an ISO instant; `date_format` says how another one is to be read."""
    if not value:
        return None
    if not settings.get("date_format"):
        return instant(value)
    zone = ZoneInfo(known_zone(settings.get("zone")))
    return datetime.strptime(value, settings["date_format"]).replace(tzinfo=zone)


def written(when: datetime, settings: Settings) -> str:
    local = when.astimezone(ZoneInfo(known_zone(settings.get("zone"))))
    date_format = settings.get("date_format")
    return local.strftime(date_format) if date_format else local.isoformat(timespec="seconds")


def _person(contact: Row, region: str) -> Person:
    return Person(
        given_name=str(contact.get("firstName") or ""),
        family_name=str(contact.get("lastName") or ""),
        phone=e164(str(contact.get("phone") or ""), region),
        email=str(contact.get("email") or ""),
    )


def mark_of(deal: Row) -> str:
    """Our reference, which stands in a line of the description of a deal that we made."""
    for line in str(deal.get("description") or "").splitlines():
        if line.startswith(MARK):
            return line.removeprefix(MARK).strip()
    return ""


def _same_as(fields: Mapping[str, str], settings: Settings) -> str:
    for field, connection in pairs(settings.get("link_fields", "")).items():
        if fields.get(field):
            return f"{connection}:{fields[field]}"
    return ""


def times(slot: Slot, settings: Settings) -> list[dict[str, Any]]:
    """The deal's own fields for a new time. Raises `Refused` where no field is named for it."""
    named = {"starts_field": slot.starts_at, "ends_field": slot.ends_at}
    found = [
        {"customFieldId": whole_number(settings, name, 0), "fieldValue": written(when, settings)}
        for name, when in named.items()
        if settings.get(name)
    ]
    if not settings.get("starts_field"):
        raise Refused("no field is named for the time of an appointment", code="no_starts_field")
    return found


def new_deal(
    request: BookingRequest, our_ref: str, contact: str, stage: str, settings: Settings
) -> dict[str, Any]:
    """Value and currency are required; nothing is sold here that was not sold before."""
    shown = f"{request.person.given_name} {request.person.family_name[:1]}".strip()
    lines = [request.note, f"{MARK}{our_ref}"]
    deal: dict[str, Any] = {
        "title": " - ".join(part for part in (request.service, shown) if part) or "Appointment",
        "contact": contact,
        "description": "\n".join(line for line in lines if line),
        "value": 0,
        "currency": settings.get("currency") or "usd",
        "group": settings["pipeline"],
        "stage": stage,
        "status": 0,
        "fields": times(request.slot, settings),
    }
    return {**deal, "owner": settings["owner"]} if settings.get("owner") else deal
