"""Everything known about a case, names and words included: for the terminal and the staff page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from rebook.db.field_tables import VisitReport
from rebook.db.tables import (
    Appointment,
    Audit,
    Booking,
    Case,
    ContactPoint,
    Intent,
    Offer,
    OfferSlot,
    Person,
    Reply,
    SyncTarget,
)
from rebook.services import audit, people
from rebook.services.cases import NoSuchCase


@dataclass(frozen=True)
class Summary:
    """A case in one line."""

    id: str
    state: str
    cause: str
    reason: str
    owner: str
    client: str
    connection: str
    appointment: str
    service: str
    starts_at: datetime
    zone: str
    opened_at: datetime
    closed_at: datetime | None
    next_action_at: datetime | None
    run: str | None


@dataclass(frozen=True)
class Contact:
    channel: str
    value: str
    silenced: bool


@dataclass(frozen=True)
class OfferedSlot:
    name: str
    shown: str
    superseded: bool


@dataclass(frozen=True)
class Message:
    at: datetime
    channel: str
    step: str
    to: str
    subject: str
    text: str
    state: str
    delivery: str
    reason: str
    attempts: int


@dataclass(frozen=True)
class Said:
    """What came in, what it was taken for, by which rule, and what became of it."""

    at: datetime
    channel: str
    said: str
    understood: str
    rule: str
    confidence: float
    outcome: str


@dataclass(frozen=True)
class Booked:
    connection: str
    appointment: str
    starts_at: datetime
    zone: str


@dataclass(frozen=True)
class Target:
    connection: str
    appointment: str
    state: str
    due_at: datetime
    done_at: datetime | None
    fault: str
    owner: str


@dataclass(frozen=True)
class FromTheVisit:
    """What a technician reported; `photo` says whether there is one."""

    id: str
    at: datetime
    kind: str
    note: str
    photo: bool
    outcome: str


@dataclass(frozen=True)
class Entry:
    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Dossier:
    case: Summary
    contacts: list[Contact]
    offered: list[OfferedSlot]
    messages: list[Message]
    replies: list[Said]
    bookings: list[Booked]
    targets: list[Target]
    reports: list[FromTheVisit]
    story: list[Entry]


def summaries(
    session: Session, states: Collection[str], *, limit: int | None = None
) -> list[Summary]:
    """Cases in these states, newest first."""
    rows = session.exec(
        select(Case, Appointment, Person)
        .join(Appointment, col(Case.appointment_id) == col(Appointment.id))
        .join(Person, col(Case.person_id) == col(Person.id), isouter=True)
        .where(col(Case.state).in_(states))
        .order_by(col(Case.opened_at).desc(), col(Case.id))
        .limit(limit)
    )
    return [_summary(case, lost, person) for case, lost, person in rows]


def _summary(case: Case, lost: Appointment, person: Person | None) -> Summary:
    return Summary(
        id=case.id,
        state=case.state,
        cause=case.cause,
        reason=case.reason,
        owner=case.owner,
        client=f"{person.given_name} {person.family_name}".strip() if person else "",
        connection=lost.connection,
        appointment=lost.external_id,
        service=lost.service,
        starts_at=lost.starts_at,
        zone=person.zone if person else lost.zone,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        next_action_at=case.next_action_at,
        run=case.run_id,
    )


def dossier(session: Session, case_id: str) -> Dossier:
    """Raises `NoSuchCase`."""
    case = session.get(Case, case_id)
    if case is None:
        raise NoSuchCase(f"there is no case {case_id}: `rebook case list --all` shows them")
    person = session.get(Person, case.person_id) if case.person_id else None
    return Dossier(
        case=_summary(case, session.get_one(Appointment, case.appointment_id), person),
        contacts=_contacts(session, case.person_id),
        offered=_offered(session, case_id),
        messages=_messages(session, case_id),
        replies=_replies(session, case_id),
        bookings=_bookings(session, case_id),
        targets=_targets(session, case_id),
        reports=_reports(session, case_id),
        story=[_entry(entry) for entry in audit.story(session, case_id)],
    )


def _contacts(session: Session, person_id: str | None) -> list[Contact]:
    rows = session.exec(select(ContactPoint).where(ContactPoint.person_id == person_id))
    return [
        Contact(row.channel, row.value, people.is_suppressed(session, row.value_key))
        for row in rows
    ]


def _offered(session: Session, case_id: str) -> list[OfferedSlot]:
    rows = session.exec(
        select(Offer, OfferSlot)
        .join(OfferSlot, col(OfferSlot.offer_id) == col(Offer.id))
        .where(Offer.case_id == case_id)
        .order_by(col(Offer.n), col(OfferSlot.code))
    )
    return [
        OfferedSlot(f"o{offer.n}-{slot.code}", slot.shown, offer.superseded_at is not None)
        for offer, slot in rows
    ]


def _messages(session: Session, case_id: str) -> list[Message]:
    rows = session.exec(
        select(Intent)
        .where(Intent.case_id == case_id, col(Intent.kind).in_(("message", "campaign", "staff")))
        .order_by(col(Intent.planned_at), col(Intent.id))
    )
    return [_message(session, row) for row in rows]


def _message(session: Session, row: Intent) -> Message:
    contact = session.get(ContactPoint, row.payload.get("contact", ""))
    return Message(
        at=row.sent_at or row.planned_at,
        channel=row.channel,
        step=row.step,
        to=contact.value if contact else row.payload.get("to", ""),
        subject=row.payload.get("subject", ""),
        text=row.payload.get("text", ""),
        state=row.state,
        delivery=row.delivery,
        reason=row.reason,
        attempts=row.attempts,
    )


def _replies(session: Session, case_id: str) -> list[Said]:
    rows = session.exec(
        select(Reply).where(Reply.case_id == case_id).order_by(col(Reply.received_at))
    )
    return [
        Said(
            at=row.received_at,
            channel=row.channel,
            said=row.said,
            understood=row.intent,
            rule=row.rule,
            confidence=row.confidence,
            outcome=row.outcome if row.taken_at else "not taken up yet",
        )
        for row in rows
    ]


def _bookings(session: Session, case_id: str) -> list[Booked]:
    rows = session.exec(select(Booking).where(Booking.case_id == case_id))
    return [Booked(row.connection, row.external_id, row.starts_at, row.zone) for row in rows]


def _targets(session: Session, case_id: str) -> list[Target]:
    rows = session.exec(
        select(SyncTarget).where(SyncTarget.case_id == case_id).order_by(SyncTarget.connection)
    )
    return [
        Target(
            connection=row.connection,
            appointment=row.external_id,
            state=row.state,
            due_at=row.due_at,
            done_at=row.done_at,
            fault=row.fault,
            owner=row.owner,
        )
        for row in rows
    ]


def _reports(session: Session, case_id: str) -> list[FromTheVisit]:
    rows = session.exec(
        select(VisitReport)
        .where(VisitReport.case_id == case_id)
        .order_by(col(VisitReport.received_at))
    )
    return [
        FromTheVisit(one.id, one.received_at, one.kind, one.note, bool(one.photo), one.outcome)
        for one in rows
    ]


def _entry(row: Audit) -> Entry:
    shown = {name: value for name, value in row.detail.items() if value not in ("", None)}
    return Entry(row.at, row.actor, row.action, shown)
