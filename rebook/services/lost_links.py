"""A client who lost their link types a phone number or an address and is sent a fresh one, if known."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import phonenumbers
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from rebook.db.session import call_dispatcher
from rebook.db.tables import Appointment, Booking, Case, ContactPoint, Intent
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES, CaseEvent, CaseState, Cause
from rebook.domain.contact import answers_directly
from rebook.domain.messages import Channel
from rebook.domain.texts import Purpose
from rebook.services import (
    audit,
    cases,
    composing,
    configuration,
    gate,
    intents,
    opening,
    people,
    story,
    visits,
)

STEP = "lost-link"
ASKED = "the client asked for their link"
LIMITS = ((timedelta(hours=1), 1), (timedelta(days=1), 3))
"""Whoever knows a number must not be able to have it written to without end."""
MOST_LINKS = 3


def send(session: Session, contact: str, inbox_id: int, at: datetime) -> str:
    """Plan one message a case or visit that its client can still act on. The verdict names nobody."""
    value = _normal(contact, _region(session))
    key = people.contact_key(value)
    if people.is_suppressed(session, key) or _often(session, col(Intent.to_key) == key):
        return "no link to send"
    planned = 0
    for point, case_id in islice(_cases_behind(session, key), MOST_LINKS):
        planned += _plan(session, cases.load(session, case_id), point, inbox_id, at)
    if planned:
        call_dispatcher(session)
    return "a link was sent again" if planned else "no link to send"


def _region(session: Session) -> str:
    """Numbers without a country are of the business's own."""
    try:
        number = phonenumbers.parse(configuration.topology(session).business_phone, "US")
    except phonenumbers.NumberParseException:
        return "US"
    return phonenumbers.region_code_for_number(number) or "US"


def _normal(contact: str, region: str) -> str:
    """An address as it is; a number as +18085550123."""
    if "@" in contact:
        return contact.strip()
    try:
        number = phonenumbers.parse(contact, region)
    except phonenumbers.NumberParseException:
        return contact
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _cases_behind(session: Session, key: str) -> Iterator[tuple[ContactPoint, str]]:
    """Of everyone the contact belongs to: first what has a case, then visits that are only ahead."""
    points = session.exec(
        select(ContactPoint)
        .where(ContactPoint.value_key == key, col(ContactPoint.disowned_at).is_(None))
        .order_by(col(ContactPoint.id))
    ).all()
    for point in points:
        for case_id in _cases_of(session, point.person_id):
            yield point, case_id
    for point in points:
        for visit in visits.ahead(session, point.person_id):
            if case := _of_a_visit(session, point, visit):
                yield point, case.id


def _cases_of(session: Session, person_id: str) -> Iterator[str]:
    """Open ones first, then those whose new appointment is still ahead."""
    found = session.exec(
        select(Case.id)
        .join(Booking, col(Booking.case_id) == col(Case.id), isouter=True)
        .where(Case.person_id == person_id)
        .where(
            col(Case.state).in_([str(state) for state in OPEN_STATES])
            | ((col(Case.state) == CaseState.REBOOKED) & (col(Booking.ends_at) > clock.now()))
        )
        .order_by(col(Booking.id).is_(None).desc(), col(Case.opened_at).desc())
        .limit(MOST_LINKS)
    )
    yield from found.all()


def _of_a_visit(session: Session, point: ContactPoint, visit: Appointment) -> Case | None:
    """What the message about a visit that was never lost hangs on: one case, closed from the start.

    None for a visit that a case of its own speaks of already, and where there is no way to write.
    """
    if not _connection(session, point) or _has_its_own(session, visit.group_id):
        return None
    visits.publish(session, visit)
    known = session.exec(
        select(Case)
        .where(Case.group_id == visit.group_id, Case.reason == ASKED)
        .order_by(col(Case.opened_at).desc())
        .limit(1)
    ).first()
    if known is not None:
        return known
    case, opened = opening.open_case(session, visit, cause=Cause.STANDS, actor="client")
    if opened:
        cases.move(session, case, CaseEvent.NEVER_LOST, actor="client", reason=ASKED)
        story.set_deadline(session, case)
    return case


def _has_its_own(session: Session, group_id: str) -> bool:
    if opening.open_case_of(session, group_id) is not None:
        return True
    booked = select(Case.id).join(Booking, col(Booking.case_id) == col(Case.id))
    ours = (Case.group_id == group_id, Case.state == CaseState.REBOOKED)
    return session.exec(booked.where(*ours, col(Booking.ends_at) > clock.now())).first() is not None


def _connection(session: Session, point: ContactPoint) -> str:
    topology = configuration.topology(session)
    return topology.email if point.channel == Channel.EMAIL else topology.sms


def _plan(session: Session, case: Case, point: ContactPoint, inbox_id: int, at: datetime) -> bool:
    connection = _connection(session, point)
    if not connection or _often(session, col(Intent.case_id) == case.id):
        return False
    purpose = Purpose.LINK_EMAIL if point.channel == Channel.EMAIL else Purpose.LINK_SMS
    written = composing.compose(session, case, purpose, None, point.id)
    intents.plan(
        session,
        case.id,
        f"{STEP}-{inbox_id}",
        kind="message",
        connection=connection,
        channel=point.channel,
        to_key=point.value_key,
        direct_answer=answers_directly(clock.now(), at, cases.policy_of(session, case)),
        payload={
            "purpose": purpose,
            "contact": point.id,
            "text": written.text,
            "subject": written.subject,
            "html": written.html,
            "offer": 0,
            gate.ASKED_AT: at.isoformat(),
        },
    )
    audit.record(session, "link_asked_for", case_id=case.id, actor="client")
    story.set_deadline(session, case)
    return True


def _often(session: Session, whose: ColumnElement[bool]) -> bool:
    """Asked for before: of this case, or by this contact. One asking may have brought several links."""
    asked = session.exec(
        select(func.min(Intent.planned_at))
        .where(whose, col(Intent.step).startswith(f"{STEP}-"))
        .group_by(col(Intent.step))
    ).all()
    now = clock.now()
    return any(sum(at > now - span for at in asked) >= most for span, most in LIMITS)
