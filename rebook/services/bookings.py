"""From a chosen slot to a confirmed booking on the system of record, and what follows from it."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from rebook.db import locks
from rebook.db.tables import (
    Appointment,
    Booking,
    Case,
    Hold,
    Intent,
    OfferSlot,
)
from rebook.domain import clock, wording
from rebook.domain.appointments import Slot, Status
from rebook.domain.cases import CaseEvent, CaseState, next_state
from rebook.domain.ids import new_id
from rebook.domain.texts import Purpose
from rebook.services import (
    audit,
    cases,
    configuration,
    echoes,
    intents,
    leases,
    offers,
    outreach,
    pages,
    people,
    staff,
    story,
    sync_back,
    written,
)
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from rebook.services.written import Order

BOOKING_HOLD = timedelta(days=1)
PUT_OFF = timedelta(seconds=20)
MOST_ATTEMPTS = 3
"""One more than for a message: where the slot is ours already, a platform refuses it a second time."""


def choose(session: Session, case: Case, slot: OfferSlot, *, actor: str) -> str:
    """Take a slot for the case; one that is gone sends the case back for new times.

    Raises `IllegalTransition` where the case can choose no more, before anything is held.
    """
    next_state(CaseState(case.state), CaseEvent.SLOT_CHOSEN)
    if not _may_have(session, case, slot):
        return lose(session, case, actor=actor)
    cases.move(session, case, CaseEvent.SLOT_CHOSEN, actor=actor, chosen_slot=slot.id, reason="")
    cases.drop_planned(session, [case.id], "the client chose")
    intents.plan(
        session,
        case.id,
        f"book-{slot.offer_id}-{slot.code}-{case.version}",
        kind="booking",
        connection=configuration.topology(session).record,
        payload={"slot": slot.id},
    )
    pages.refresh(session, case)
    return "the slot was chosen"


def _may_have(session: Session, case: Case, slot: OfferSlot) -> bool:
    """The time lies ahead, and its seat is the case's from now on for a day."""
    now = clock.now()
    return slot.starts_at > now and offers.hold(session, case.id, slot, until=now + BOOKING_HOLD)


def lose(session: Session, case: Case, *, actor: str = audit.SYSTEM) -> str:
    """The slot is gone: fresh ones are offered at once."""
    state = CaseState(case.state)
    event = CaseEvent.SLOT_LOST if state is CaseState.BOOKING else CaseEvent.NEW_TIMES_WANTED
    if state is CaseState.OPEN:
        case.reason = offers.TAKEN
    else:
        cases.move(session, case, event, actor=actor, reason=offers.TAKEN, chosen_slot=None)
    case.grace_until = clock.now()
    session.add(case)
    pages.refresh(session, case)
    return "the slot was taken by somebody faster"


def claim(session: Session, actor: Actor, intent_id: str) -> Order | None:
    """Begin the booking; the change we will hear back about is stored before the call.

    One that was put off until its time passed or its seat was lost is given up, where no try of it is
    in doubt.
    """
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state != Stage.PLANNED or CaseState(case.state) is not CaseState.BOOKING:
        return None
    if intent.payload["slot"] != case.chosen_slot:
        intents.settle(session, intent, Stage.DROPPED, reason="another slot was chosen since")
        return None
    doubt = intents.earliest(session, case.id, "booking", *intents.DOUBTFUL)
    if doubt is not None:
        intent.due_at = max(doubt, clock.now()) + PUT_OFF
        session.add(intent)
        return None
    slot = session.get_one(OfferSlot, intent.payload["slot"])
    if not _may_have(session, case, slot) and intent.attempts == 0:
        intents.settle(session, intent, Stage.DROPPED, reason="its time is past or taken by now")
        lose(session, case)
        return None
    fence = intents.claim(intent)
    session.add(intent)
    order = _order(session, case, intent, fence)
    if order.move:
        echoes.expect(session, order.connection, order.old_id, case_id=case.id, slot=order.slot)
    return order


def order_of(session: Session, actor: Actor, intent_id: str) -> Order:
    """The order of an intent whose outcome is in doubt."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    return _order(session, case, intent, intent.fence)


def _order(session: Session, case: Case, intent: Intent, fence: int) -> Order:
    row = session.get_one(OfferSlot, intent.payload["slot"])
    lost = session.get_one(Appointment, case.appointment_id)
    old = _on_record(session, case, intent.connection)
    return Order(
        intent_id=intent.id,
        fence=fence,
        connection=intent.connection,
        slot=Slot(row.starts_at, row.ends_at, row.calendar, row.key),
        person=people.described(session, case.person_id),
        service=(old or lost).service,
        service_id=(old or lost).service_id,
        zone=(old or lost).zone,
        old_id=old.external_id if old else "",
        move=old is not None and old.status == Status.BOOKED,
        version=old.version if old else "",
    )


def _on_record(session: Session, case: Case, record: str) -> Appointment | None:
    """The visit as the system of record holds it; the newest where there were several."""
    return session.exec(
        select(Appointment)
        .where(Appointment.group_id == case.group_id, Appointment.connection == record)
        .order_by(
            (col(Appointment.status) == Status.BOOKED).desc(), col(Appointment.seen_at).desc()
        )
        .limit(1)
    ).first()


def confirm(
    session: Session, actor: Actor, order: Order, external_id: str, *, evidence: bool
) -> None:
    """The record system has it: the case is rebooked, everybody else is told."""
    locks.appointment(session, order.connection, external_id)
    case = leases.check(session, actor)
    intent = intents.lock(session, order.intent_id)
    if intent.state == Stage.DONE:
        return
    why = "evidence found" if evidence else ""
    intents.settle(session, intent, Stage.DONE, vendor_id=external_id, reason=why)
    if not _still_wanted(case, intent):
        written.store(session, case, order, external_id)
        _booked_in_vain(session, case, order, external_id)
        return
    zone = offers.zone_of(session, case)
    session.add(
        Booking(
            id=new_id("booking"),
            case_id=case.id,
            connection=order.connection,
            external_id=external_id,
            starts_at=order.slot.starts_at,
            ends_at=order.slot.ends_at,
            zone=zone,
            shown=wording.short(order.slot.starts_at, zone),
            made_at=clock.now(),
        )
    )
    written.store(session, case, order, external_id)
    written.replaced(session, order, external_id)
    _settle_holds(session, case)
    cases.move(session, case, CaseEvent.BOOKING_CONFIRMED, reason="")
    sync_back.plan(session, case, order.connection, order.slot)
    _tell_client(session, case)
    staff.show(session, case)
    pages.refresh(session, case)


def _still_wanted(case: Case, intent: Intent) -> bool:
    chosen = intent.payload["slot"] == case.chosen_slot
    return chosen and CaseState(case.state) is CaseState.BOOKING


def _booked_in_vain(session: Session, case: Case, order: Order, external_id: str) -> None:
    """The platform did what the case no longer wants: a person must undo it."""
    choosing = CaseState(case.state) is CaseState.BOOKING
    if choosing and order.move:
        return
    sync_back.ask_person(session, case, order.connection, external_id, "booked, but not wanted")
    if choosing:
        story.hand_over(session, case, "an earlier booking was found as well")
    staff.update(session, case)


def _settle_holds(session: Session, case: Case) -> None:
    """The chosen seat is booked, the others are free again."""
    held = update(Hold).where(col(Hold.case_id) == case.id, col(Hold.state) == "held")
    session.connection().execute(
        held.where(col(Hold.slot_id) == case.chosen_slot).values(state="booked")
    )
    session.connection().execute(held.values(state="released"))


def _tell_client(session: Session, case: Case) -> None:
    if outreach.plan(session, case, Purpose.BOOKED_SMS, "booked-sms") is None:
        outreach.plan(session, case, Purpose.BOOKED_EMAIL, "booked-email")


def failed(session: Session, actor: Actor, order: Order, stage: Stage, reason: str) -> None:
    """The call did not book: refused for good, taken by somebody else, or in doubt."""
    case = leases.check(session, actor)
    intent = intents.lock(session, order.intent_id)
    if intent.fence != order.fence:
        return
    intents.settle(session, intent, stage, reason=reason)
    if stage is Stage.REFUSED and CaseState(case.state) is CaseState.BOOKING:
        lose(session, case)


def judge(session: Session, actor: Actor, order: Order) -> bool:
    """No evidence of a booking after the wait: try once more (True), or ask a person (False)."""
    leases.check(session, actor)
    intent = intents.lock(session, order.intent_id)
    if intent.attempts < MOST_ATTEMPTS:
        intents.plan_again(session, intent)
        return True
    intents.settle(session, intent, Stage.GIVEN_UP, reason="no evidence of a booking")
    return False


def put_off(
    session: Session, actor: Actor, order: Order, reason: str, after: float | None = None
) -> None:
    """The platform certainly did nothing: the same booking again in a while, or in its own time."""
    leases.check(session, actor)
    intent = intents.lock(session, order.intent_id)
    if intent.fence != order.fence:
        return
    intent.state, intent.reason = Stage.PLANNED, reason
    intent.attempts -= 1
    asked = timedelta(seconds=min(after or 0, intents.MOST_PATIENCE))
    intent.due_at = clock.now() + max(PUT_OFF, asked)
    session.add(intent)
    audit.record(session, "put_off", case_id=actor.case_id, intent=intent.id, reason=reason)
