"""HubSpot's words in ours. Which object and which of its properties speak of appointments is configured."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import BookingRequest
from connectors.errors import NotFound
from connectors.parsing import documented, e164, instant, known_zone, pairs, short_code, words
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status

Row = Mapping[str, Any]

BETWEEN = " – "
OF_A_PERSON = ("firstname", "lastname", "email", "phone", "mobilephone")
MEANT = {
    Status.CANCELLED: ("cancelled_values", "canceled, cancelled"),
    Status.NOSHOW: ("noshow_values", "no_show, no show, no-show, noshow, missed"),
    Status.FULFILLED: ("fulfilled_values", "completed, done"),
}
KINDS = {
    Status.BOOKED: ChangeKind.MOVED,
    Status.FULFILLED: ChangeKind.MOVED,
    Status.CANCELLED: ChangeKind.CANCELLED,
    Status.NOSHOW: ChangeKind.NOSHOW,
}


@dataclass(frozen=True)
class Defaults:
    """What HubSpot itself calls things on one kind of object."""

    type_id: str
    title: str
    start: str
    end: str
    status: str
    rebooked: str
    note: str
    contact: str
    """The number of its association with contacts, where it is known."""


OBJECTS = {
    "meetings": Defaults(
        "0-47",
        "hs_meeting_title",
        "hs_meeting_start_time",
        "hs_meeting_end_time",
        "hs_meeting_outcome",
        "RESCHEDULED",
        "hs_internal_meeting_notes",
        "200",
    ),
    "appointments": Defaults(
        "0-421",
        "hs_appointment_name",
        "hs_appointment_start",
        "hs_appointment_end",
        "hs_appointment_status",
        "SCHEDULED",
        "",
        "",
    ),
}


class Names:
    """The object's properties by the account's settings."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.object = settings.get("object") or "meetings"
        own = OBJECTS.get(self.object, OBJECTS["appointments"])
        self.type_id = settings.get("object_type_id") or own.type_id
        self.title = settings.get("title_property") or own.title
        self.start = settings.get("start_property") or own.start
        self.end = settings.get("end_property") or own.end
        self.status = settings.get("status_property") or own.status
        self.note = settings.get("note_property") or own.note
        self.ref = settings.get("ref_property", "")
        self.contact = settings.get("contact_association") or own.contact
        self.links = pairs(settings.get("link_fields", ""))
        self._written = {
            Status.BOOKED: settings.get("booked_value") or own.rebooked,
            Status.CANCELLED: settings.get("cancelled_value") or "CANCELED",
            Status.NOSHOW: settings.get("noshow_value") or "NO_SHOW",
        }
        self._settings = settings

    @property
    def read(self) -> list[str]:
        listed = [self.title, self.start, self.end, self.status, self.note, self.ref]
        return [name for name in (*listed, *self.links, "hubspot_owner_id") if name]

    def status_of(self, said: object) -> Status:
        """A word that is not listed, and none at all, is an appointment that stands."""
        word = str(said or "").strip().casefold()
        for status, (setting, default) in MEANT.items():
            if word in words(self._settings.get(setting) or default):
                return status
        return Status.BOOKED

    def written(self, status: Status) -> dict[str, str]:
        return {self.status: self._written[status]}

    def times(self, slot: Slot) -> dict[str, str]:
        """A meeting stands on the timeline where its own timestamp says."""
        start, end = stamp(slot.starts_at), stamp(slot.ends_at)
        told = {self.start: start, self.end: end}
        return {**told, "hs_timestamp": start} if self.object == "meetings" else told


def known_id(value: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise NotFound("not a HubSpot record id")
    return value


def id_of(row: Row) -> str:
    """Raises `ValueError` for what HubSpot does not document."""
    number = str(row["id"])
    if not (number.isascii() and number.isdigit()):
        raise ValueError("not an id")
    return number


def appointment(
    row: Row, names: Names, person: Person, settings: Mapping[str, str]
) -> Appointment | None:
    """None for a record that has no time yet."""
    with documented():
        told = row["properties"]
        if not told.get(names.start):
            return None
        starts_at = moment(told[names.start])
        length = timedelta(minutes=int(settings.get("minutes") or 60))
        links = [f"{link}:{told[name]}" for name, link in names.links.items() if told.get(name)]
        return Appointment(
            id=id_of(row),
            status=Status.CANCELLED
            if row.get("archived")
            else names.status_of(told.get(names.status)),
            starts_at=starts_at,
            ends_at=moment(told[names.end]) if told.get(names.end) else starts_at + length,
            zone=known_zone(settings.get("zone")),
            person=person,
            service=str(told.get(names.title) or "").partition(BETWEEN)[0].strip(),
            calendar=str(told.get("hubspot_owner_id") or ""),
            version=str(row["updatedAt"]),
            ours=str(told.get(names.ref) or "") if names.ref else "",
            same_as=links[0] if links else "",
        )


def person(row: Row, region: str) -> Person:
    """A mobile number before any other."""
    with documented():
        told = row["properties"]
        phone = str(told.get("mobilephone") or told.get("phone") or "")
        return Person(
            str(told.get("firstname") or ""),
            str(told.get("lastname") or ""),
            e164(phone, region),
            str(told.get("email") or "").strip(),
        )


def moment(value: object) -> datetime:
    """Properties are texts: ISO instants, or milliseconds since 1970."""
    text = str(value)
    if text.isascii() and text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return instant(text)


def stamp(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def milliseconds(when: datetime) -> str:
    return str(int(when.timestamp() * 1000))


def new_record(
    request: BookingRequest, names: Names, contact: str, our_ref: str, owner: str
) -> dict[str, Any]:
    """The client is associated where HubSpot knows them, and named in the title in any case."""
    person = request.person
    short = f"{person.given_name} {person.family_name[:1] + '.' if person.family_name else ''}"
    properties = {
        **names.times(request.slot),
        **names.written(Status.BOOKED),
        names.title: BETWEEN.join(part for part in (request.service, short.strip()) if part),
        "hubspot_owner_id": owner,
        names.ref: our_ref,
        names.note: request.note,
    }
    body: dict[str, Any] = {
        "properties": {name: value for name, value in properties.items() if name and value}
    }
    if contact and names.contact:
        number = int(names.contact)
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}
        body["associations"] = [{"to": {"id": contact}, "types": [kind]}]
    return body


def error_code(body: Any) -> str:
    """`{"category": "VALIDATION_ERROR", "message": ...}`: the message is dropped."""
    return short_code(body.get("category")) if isinstance(body, dict) else ""
