"""What a platform tells us about appointments, in our words. Instants are always aware."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """HL7 FHIR AppointmentStatus, the four we act on."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    FULFILLED = "fulfilled"


class ChangeKind(StrEnum):
    """What a platform says happened."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


def require_aware(*instants: datetime | None) -> None:
    """Refuse a naive datetime at the edge, where the platform's zone is still known."""
    for instant in instants:
        if instant is not None and instant.tzinfo is None:
            raise ValueError("a datetime without a zone came from a platform")


def without_nul(seen: "Appointment") -> "Appointment":
    """The same with the one character left out that no database stores as text."""
    values = {one.name: getattr(seen, one.name) for one in fields(seen)}
    changed: dict[str, Any] = {
        name: value.replace("\0", "")
        for name, value in values.items()
        if type(value) is str and "\0" in value
    }
    return replace(seen, **changed) if changed else seen


@dataclass(frozen=True)
class Person:
    """The client as a platform knows them. Every field may be empty; phone is E.164 where parsable."""

    given_name: str = ""
    family_name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Appointment:
    """One appointment as one platform holds it now."""

    id: str
    status: Status
    starts_at: datetime
    ends_at: datetime
    zone: str
    person: Person = field(default_factory=Person)
    service: str = ""
    service_id: str = ""
    calendar: str = ""
    place: str = ""
    version: str = ""
    by_client: bool | None = None
    ours: str = ""
    """Our own reference, where this appointment was written by us."""
    same_as: str = ""
    """`connection:id` of the appointment this one mirrors, where a configured field says so."""

    def __post_init__(self) -> None:
        require_aware(self.starts_at, self.ends_at)

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


@dataclass(frozen=True)
class Change:
    """A platform's word that something happened to one appointment.

    `appointment` is its state where the message carried it whole; None means: go and fetch it.
    """

    kind: ChangeKind
    appointment_id: str
    occurred_at: datetime | None = None
    appointment: Appointment | None = None

    def __post_init__(self) -> None:
        require_aware(self.occurred_at)


@dataclass(frozen=True)
class Slot:
    """A free interval that can be booked. `calendar` says whose time; `key` is the platform's own."""

    starts_at: datetime
    ends_at: datetime
    calendar: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        require_aware(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class TimesOnOffer:
    """What a client may choose from in the place of an appointment; no slots: nothing any more."""

    slots: tuple[Slot, ...]
    person: Person
    service: str
    zone: str
    appointment_id: str = ""
    """The appointment as the platform knows it, where it still stands there."""


@dataclass(frozen=True)
class Busy:
    """An interval in which a calendar is taken."""

    starts_at: datetime
    ends_at: datetime
