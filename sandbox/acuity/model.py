"""Acuity's records: services, calendars, appointments, webhooks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Service:
    """What Acuity calls an appointment type."""

    id: int
    name: str
    minutes: int
    price: str


@dataclass(frozen=True)
class Calendar:
    id: int
    name: str
    email: str
    zone: str


@dataclass
class Appointment:
    id: int
    first_name: str
    last_name: str
    phone: str
    email: str
    start: datetime
    service: Service
    calendar: Calendar
    zone: str
    created: datetime
    scheduled_by: str | None = None
    canceled: bool = False
    no_show: bool = False
    cancel_note: str = ""
    notes: str = ""
    labels: list[dict[str, object]] | None = None
    answers: dict[int, str] = field(default_factory=dict)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.service.minutes)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return not self.canceled and self.start < end and start < self.end


SERVICES = [
    Service(9101, "Haircut", 45, "48.00"),
    Service(9102, "Colour consultation", 30, "25.00"),
    Service(9103, "Cut and colour", 60, "95.00"),
]
FIRST_CALENDAR = 8101
FORM, REFERENCE_FIELD = 6101, 7101
FIRST_APPOINTMENT = 170_000_001
EVENTS = ["scheduled", "rescheduled", "canceled", "changed"]
