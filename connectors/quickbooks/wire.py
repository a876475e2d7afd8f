"""QuickBooks' words in ours: an invoice for an appointment, lost where a configured sign says so."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.errors import NotFound
from connectors.parsing import documented, e164, instant, known_zone
from connectors.quickbooks import marks
from connectors.records import Words, linked, listed, moment
from rebook.domain.appointments import Appointment, Person, Status

Row = Mapping[str, Any]
Settings = Mapping[str, str]

DEFAULTS = {
    Status.BOOKED: "booked",
    Status.CANCELLED: "cancelled, canceled",
    Status.NOSHOW: "missed, no-show",
    Status.FULFILLED: "done",
}
FIELDS = {"status_field": "Appointment status", "time_field": "Appointment"}
ITEMS = {
    Status.CANCELLED: "Cancelled service, Canceled service, Cancellation fee",
    Status.NOSHOW: "No-show fee, Missed appointment",
}


def appointment(invoice: Row, settings: Settings) -> Appointment | None:
    """Without its person. None for an invoice that names no time of an appointment."""
    with documented():
        instant(invoice["MetaData"]["LastUpdatedTime"])
        starts_at = _time(invoice, settings)
        if starts_at is None:
            return None
        fields = custom_fields(invoice)
        return Appointment(
            id=str(int(invoice["Id"])),
            status=_status(invoice, settings),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=int(settings.get("minutes") or 60)),
            zone=known_zone(settings.get("zone")),
            service=_service(invoice, settings),
            version=str(invoice["SyncToken"]),
            same_as=linked(settings.get("link_fields", ""), fields.get),
        )


def custom_fields(invoice: Row) -> dict[str, str]:
    rows = invoice.get("CustomField") or []
    return {str(row.get("Name")): str(row.get("StringValue") or "") for row in rows}


def name_of(settings: Settings, field: str) -> str:
    return settings.get(field) or FIELDS[field]


def note_of(invoice: Row) -> str:
    return str(invoice.get("PrivateNote") or "")


def planned(invoice: Row, settings: Settings) -> datetime | None:
    """The time as people wrote it: the custom field, else a line's day where days have a start."""
    zone = settings.get("zone")
    named = moment(custom_fields(invoice).get(name_of(settings, "time_field")), zone)
    opens = settings.get("day_starts")
    if named or not opens:
        return named
    days = (detail(line).get("ServiceDate") for line in invoice.get("Line") or [])
    return next((moment(f"{day} {opens}", zone) for day in days if day), None)


def _time(invoice: Row, settings: Settings) -> datetime | None:
    """Our mark's time, unless people wrote another one since."""
    mark, there = marks.read(note_of(invoice)), planned(invoice, settings)
    return mark.at if mark and there in (None, mark.was) else there


def losses(invoice: Row, settings: Settings) -> dict[str, Status]:
    """The signs that the appointment is lost, each by a name that stays the same."""
    found: dict[str, Status] = {}
    if is_void(invoice, settings):
        found["voided"] = Status.CANCELLED
    field = _field_says(invoice, settings)
    if field in ITEMS:
        found[f"field:{field}"] = field
    for line in invoice.get("Line") or []:
        status = _line_says(line, settings)
        if status:
            found[f"line:{line.get('Id')}"] = status
    return found


def _status(invoice: Row, settings: Settings) -> Status:
    """A sign that our mark answers is past."""
    mark = marks.read(note_of(invoice))
    answered = mark.answers if mark else frozenset()
    lost = {status for sign, status in losses(invoice, settings).items() if sign not in answered}
    if lost:
        return Status.NOSHOW if Status.NOSHOW in lost else Status.CANCELLED
    done = _field_says(invoice, settings) is Status.FULFILLED
    return Status.FULFILLED if done else Status.BOOKED


def is_void(invoice: Row, settings: Settings) -> bool:
    """QuickBooks has no word for it: a void writes `Voided` before the note and takes all amounts."""
    empty = float(invoice.get("TotalAmt") or 0) == 0
    counts = settings.get("voided") != "ignore"
    return counts and empty and note_of(invoice).startswith("Voided")


def _field_says(invoice: Row, settings: Settings) -> Status | None:
    value = custom_fields(invoice).get(name_of(settings, "status_field"))
    return Words.of(settings, DEFAULTS).read(value)


def _line_says(line: Row, settings: Settings) -> Status | None:
    told = {str(line.get("Description") or ""), _item(line)}
    words = {text.strip().casefold() for text in told}
    for status, default in ITEMS.items():
        names = listed(settings.get(f"{status}_items") or default)
        if words & {name.casefold() for name in names}:
            return status
    return None


def detail(line: Row) -> Row:
    found: Row = line.get("SalesItemLineDetail") or {}
    return found


def _item(line: Row) -> str:
    return str((detail(line).get("ItemRef") or {}).get("name") or "")


def _service(invoice: Row, settings: Settings) -> str:
    """The first item that is not itself the sign of a loss."""
    lines = [line for line in invoice.get("Line") or [] if detail(line)]
    return next((_item(line) for line in lines if not _line_says(line, settings)), "")


def person(invoice: Row, customer: Row, settings: Settings) -> Person:
    with documented():
        given, family = str(customer.get("GivenName") or ""), str(customer.get("FamilyName") or "")
        if not (given or family):
            given, _, family = str(customer.get("DisplayName") or "").partition(" ")
        phones = ((customer.get(n) or {}).get("FreeFormNumber") for n in ("Mobile", "PrimaryPhone"))
        mails = (customer.get("PrimaryEmailAddr") or {}, invoice.get("BillEmail") or {})
        region = settings.get("region") or "US"
        return Person(
            given.strip(),
            family.strip(),
            next((e164(str(phone), region) for phone in phones if phone), ""),
            next((str(m["Address"]).split(",")[0].strip() for m in mails if m.get("Address")), ""),
        )


def customer_of(invoice: Row) -> str:
    """The customer's id, or nothing where it is none."""
    value = str((invoice.get("CustomerRef") or {}).get("value") or "")
    return value if value.isascii() and value.isdigit() else ""


def number(value: str) -> str:
    """An id as QuickBooks gives them. Raises `NotFound` for what cannot be one."""
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise NotFound("not a QuickBooks id")
    return value


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
