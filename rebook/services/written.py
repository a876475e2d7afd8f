"""What a booking of ours did on the record system, known here before its platform tells of it."""

from dataclasses import dataclass

from sqlmodel import Session, select

from rebook.db.tables import Appointment, Case
from rebook.domain import appointments as domain
from rebook.domain import clock
from rebook.domain.appointments import Slot, Status
from rebook.domain.ids import new_id


@dataclass(frozen=True)
class Order:
    """What to book, and whether by moving the old appointment. Lives in memory only."""

    intent_id: str
    fence: int
    connection: str
    slot: Slot
    person: domain.Person
    service: str
    service_id: str
    zone: str
    old_id: str
    move: bool
    version: str


def store(session: Session, case: Case, order: Order, external_id: str) -> None:
    """What we wrote is known before the platform tells us of it."""
    row = session.exec(
        select(Appointment).where(
            Appointment.connection == order.connection, Appointment.external_id == external_id
        )
    ).first() or Appointment(
        id=new_id("appointment"),
        connection=order.connection,
        external_id=external_id,
        group_id=case.group_id,
        linked_by="ours",
        person_id=case.person_id,
        status=Status.BOOKED,
        starts_at=order.slot.starts_at,
        ends_at=order.slot.ends_at,
        zone=order.zone,
        service=order.service,
        service_id=order.service_id,
        ours=order.intent_id,
        seen_at=clock.now(),
    )
    row.status, row.group_id = Status.BOOKED, case.group_id
    row.starts_at, row.ends_at = order.slot.starts_at, order.slot.ends_at
    row.calendar = order.slot.calendar or row.calendar
    session.add(row)


def replaced(session: Session, order: Order, external_id: str) -> None:
    """A platform that moves by booking anew has cancelled the old one, and will say so."""
    old = session.exec(
        select(Appointment).where(
            Appointment.connection == order.connection, Appointment.external_id == order.old_id
        )
    ).first()
    if order.move and old is not None and old.external_id != external_id:
        old.status = Status.CANCELLED
        session.add(old)
