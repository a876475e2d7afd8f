"""A client who lost their link types a phone number or an address and is sent a fresh one, if known."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import phonenumbers
from sqlmodel import Session, col, select

from rebook.db.session import call_dispatcher
from rebook.db.tables import Booking, Case, ContactPoint, Intent
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES, CaseState
from rebook.domain.contact import answers_directly
from rebook.domain.messages import Channel
from rebook.domain.texts import Purpose
from rebook.services import audit, cases, composing, configuration, gate, intents, people, story

STEP = "lost-link"
LIMITS = ((timedelta(hours=1), 1), (timedelta(days=1), 3))
"""Whoever knows a number must not be able to have it written to without end."""
MOST_CASES = 3


def send(session: Session, contact: str, inbox_id: int, at: datetime) -> str:
    """Plan one message a case that is open or booked ahead. The verdict names nobody."""
    value = _normal(contact, _region(session))
    points = session.exec(
        select(ContactPoint).where(ContactPoint.value_key == people.contact_key(value))
    ).all()
    planned = 0
    for point in points:
        for case_id in _cases_of(session, point.person_id):
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
        .limit(MOST_CASES)
    )
    yield from found.all()


def _plan(session: Session, case: Case, point: ContactPoint, inbox_id: int, at: datetime) -> bool:
    channel = Channel(point.channel)
    topology = configuration.topology(session)
    connection = topology.email if channel is Channel.EMAIL else topology.sms
    if not connection or people.is_suppressed(session, point.value_key) or _often(session, case):
        return False
    purpose = Purpose.LINK_EMAIL if channel is Channel.EMAIL else Purpose.LINK_SMS
    written = composing.compose(session, case, purpose, None)
    intents.plan(
        session,
        case.id,
        f"{STEP}-{inbox_id}",
        kind="message",
        connection=connection,
        channel=channel,
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


def _often(session: Session, case: Case) -> bool:
    asked = session.exec(
        select(Intent.planned_at).where(
            Intent.case_id == case.id, col(Intent.step).startswith(f"{STEP}-")
        )
    ).all()
    now = clock.now()
    return any(sum(at > now - span for at in asked) >= most for span, most in LIMITS)
