"""Invented people and times that the connectors' tests speak of."""

from datetime import UTC, datetime, timedelta

from connectors.contract import BookingRequest, SlotQuery, StoredWebhook
from rebook.domain.appointments import Person, Slot, TimesOnOffer

ZONE = "Pacific/Honolulu"
START = datetime(2030, 3, 12, 20, 0, tzinfo=UTC)
END = START + timedelta(minutes=45)
ANA = Person("Ana", "Kealoha", "+18085550123", "ana@example.com")


def slot(calendar: str = "8101", *, start: datetime = START) -> Slot:
    return Slot(start, start + timedelta(minutes=45), calendar)


def booking(calendar: str = "8101", *, person: Person = ANA, was: str = "") -> BookingRequest:
    return BookingRequest(slot(calendar), person, "Haircut", "9101", ZONE, was=was)


def times_on_offer(appointment_id: str = "", calendar: str = "") -> TimesOnOffer:
    """The same hour on two days."""
    times = (slot(calendar), slot(calendar, start=START + timedelta(days=1)))
    return TimesOnOffer(times, ANA, "Haircut", ZONE, appointment_id)


def query(calendar: str = "") -> SlotQuery:
    starts_at = datetime(2030, 3, 30, 20, 0, tzinfo=UTC)
    ends_at = datetime(2030, 4, 3, 10, 0, tzinfo=UTC)
    return SlotQuery("9101", starts_at, ends_at, 45, ZONE, calendar)


def stored(body: bytes, kind: str = "", url: str = "", **headers: str) -> StoredWebhook:
    return StoredWebhook(kind, url, headers, body, datetime(2030, 3, 1, tzinfo=UTC))
