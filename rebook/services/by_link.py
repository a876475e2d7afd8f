"""The record system takes no booking from us now: the client books at its own link, and a person watches."""

from sqlmodel import Session

from rebook.db.tables import Appointment, Booking, Case, Intent
from rebook.domain import clock, wording
from rebook.domain.appointments import Slot
from rebook.domain.cases import CaseEvent, CaseState
from rebook.domain.ids import new_id
from rebook.domain.texts import Purpose
from rebook.services import cases, intents, leases, offers, outreach, pages, staff, story, sync_back
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from rebook.services.written import Order

REASON = "the client books by the platform's own link"
LINK = "link"
"""In the booking's payload: the address the client was sent."""


def hand_out(session: Session, actor: Actor, order: Order, link: str) -> None:
    """The client is sent the link, by text or else by mail; the case waits for a person until then."""
    case = leases.check(session, actor)
    intent = intents.lock(session, order.intent_id)
    if intent.fence != order.fence:
        return
    intent.payload = {**intent.payload, LINK: link}
    intents.settle(session, intent, Stage.REFUSED, reason=REASON)
    if CaseState(case.state) is not CaseState.BOOKING:
        return
    story.hand_over(session, case, REASON)
    if outreach.plan(session, case, Purpose.BY_LINK_SMS, f"by-link-sms-{intent.id}") is None:
        outreach.plan(session, case, Purpose.BY_LINK_EMAIL, f"by-link-email-{intent.id}")
    story.set_deadline(session, case)


def booked(session: Session, row: Appointment) -> str | None:
    """What the client booked at the link is the case's booking. The case, where it was one."""
    intent = session.get(Intent, row.ours) if row.ours else None
    if intent is None or LINK not in intent.payload or intent.connection != row.connection:
        return None
    case = cases.load(session, intent.case_id)
    if not cases.is_open(case) or CaseState(case.state) is CaseState.BOOKING:
        return None
    _keep(session, case, row)
    cases.move(session, case, CaseEvent.BOOKED_ELSEWHERE, reason=REASON)
    cases.drop_planned(session, [case.id], "the client booked")
    sync_back.plan(session, case, row.connection, Slot(row.starts_at, row.ends_at, row.calendar))
    staff.show(session, case)
    pages.refresh(session, case)
    return case.id


def _keep(session: Session, case: Case, row: Appointment) -> None:
    zone = offers.zone_of(session, case)
    session.add(
        Booking(
            id=new_id("booking"),
            case_id=case.id,
            connection=row.connection,
            external_id=row.external_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            zone=zone,
            shown=wording.short(row.starts_at, zone),
            made_at=clock.now(),
        )
    )
