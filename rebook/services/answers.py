"""What woke a case: the client's unread replies and an operator's decision, taken in one transaction.

Opt-out goes first, then the operator, then the client; whoever loses is told.
"""

from sqlmodel import Session, col, select

from rebook.db.tables import Case, OfferSlot, Reply
from rebook.domain import clock
from rebook.domain.cases import CaseEvent, CaseState, IllegalTransition
from rebook.domain.decisions import Choice, Decision
from rebook.domain.replies import Meaning
from rebook.domain.texts import Purpose
from rebook.services import (
    audit,
    bookings,
    cases,
    handling,
    leases,
    meanings,
    offers,
    outreach,
    pages,
    staff,
    staff_actions,
    story,
    waits,
)
from rebook.services.leases import Actor

CLOSINGS: dict[Choice, CaseEvent] = {
    Choice.CLOSE_DECLINED: CaseEvent.CLIENT_DECLINED,
    Choice.CLOSE_WITHDRAWN: CaseEvent.CLIENT_WITHDREW,
    Choice.CLOSE_BOOKED_ELSEWHERE: CaseEvent.BOOKED_ELSEWHERE,
    Choice.CLOSE_NEVER_LOST: CaseEvent.NEVER_LOST,
}


def take(session: Session, actor: Actor, wait_key: str, decision: Decision) -> str:
    """Close the wait with what came. Returns its outcome in fixed words."""
    case = leases.check(session, actor)
    if not waits.close(session, case.id, wait_key, decision.choice):
        return "this wait was closed before"
    outcome = _take(session, case, decision)
    if outcome != "nothing new":
        case.failures, case.retry_at = 0, None
    audit.record(session, "woken", case_id=case.id, wait=wait_key, outcome=outcome)
    if decision.by_a_person or outcome != "nothing new":
        staff.show(session, case)
        pages.refresh(session, case)
    return outcome


def take_leftovers(session: Session, actor: Actor) -> bool:
    """A run about to end takes what came in while it worked. True where there was something."""
    case = leases.check(session, actor)
    if not unread(session, case.id):
        return False
    outcome = _take(session, case, Decision())
    audit.record(session, "taken_at_the_end", case_id=case.id, outcome=outcome)
    staff.show(session, case)
    pages.refresh(session, case)
    return True


def _take(session: Session, case: Case, decision: Decision) -> str:
    replies = unread(session, case.id)
    opt_out = next((reply for reply in replies if reply.intent == Meaning.OPT_OUT), None)
    if opt_out is not None and outreach.opted_out(session, case):
        _mark(session, opt_out, "the case was closed")
        _mark_rest(session, replies, "the client opted out")
        return "the client opted out"
    outcomes = []
    if decision.by_a_person:
        outcomes.append(decide(session, case, decision))
    for reply in replies:
        if (pressed := staff_actions.decision_of(reply)) is not None:
            outcomes.append(_mark(session, reply, decide(session, case, pressed)))
    decided = bool(outcomes)
    outcomes += [
        _follow(session, case, reply, decided=decided)
        for reply in replies
        if reply.taken_at is None
    ]
    return "; ".join(outcomes) or "nothing new"


def take_unattended(session: Session, actor: Actor) -> None:
    """For a case whose run was taken away: staff decide; a client's words are shown to them."""
    case = leases.check(session, actor)
    replies = unread(session, case.id)
    for reply in replies:
        pressed = staff_actions.decision_of(reply)
        if pressed is not None:
            _mark(session, reply, decide(session, case, pressed))
        elif reply.intent == Meaning.OPT_OUT:
            closed = outreach.opted_out(session, case)
            _mark(session, reply, "the case was closed" if closed else "no more messages")
        else:
            staff.note(session, case, f"staff-words-{reply.id}")
            _mark(session, reply, staff.UNATTENDED)
    if replies:
        staff.show(session, case)
        pages.refresh(session, case)


def unread(session: Session, case_id: str) -> list[Reply]:
    return list(
        session.exec(
            select(Reply)
            .where(Reply.case_id == case_id, col(Reply.taken_at).is_(None))
            .order_by(col(Reply.received_at), col(Reply.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _mark(session: Session, reply: Reply, outcome: str) -> str:
    reply.taken_at, reply.outcome = clock.now(), outcome
    session.add(reply)
    pressed = staff_actions.decision_of(reply)
    audit.record(
        session,
        "reply_taken",
        case_id=reply.case_id,
        actor=f"staff:{pressed.by}" if pressed else "client",
        reply=reply.id,
        meaning=reply.intent,
        rule=reply.rule,
        outcome=outcome,
    )
    return outcome if pressed else f"client: {outcome}"


def _mark_rest(session: Session, replies: list[Reply], outcome: str) -> None:
    for reply in replies:
        if reply.taken_at is None:
            _mark(session, reply, outcome)


def decide(session: Session, case: Case, decision: Decision) -> str:
    """An operator's decision; one that cannot be is recorded with the reason, and nothing changes."""
    actor = f"staff:{decision.by}"
    try:
        outcome = _decide(session, case, decision, actor)
    except IllegalTransition:
        outcome = f"refused: the case is {case.state}"
    audit.record(
        session,
        "decision",
        case_id=case.id,
        actor=actor,
        choice=decision.choice,
        slot=decision.slot,
        outcome=outcome,
    )
    return f"operator: {outcome}"


def _decide(session: Session, case: Case, decision: Decision, actor: str) -> str:
    if decision.choice in CLOSINGS:
        cases.move(session, case, CLOSINGS[decision.choice], actor=actor, reason="decided by staff")
        return "the case was closed"
    if decision.choice is Choice.TAKE_CASE:
        return handling.take(session, case, decision.by)
    if decision.choice is Choice.CALL_MADE:
        return handling.called(session, case)
    if decision.choice is Choice.HAND_OVER:
        story.hand_over(session, case, "taken by staff", actor=actor)
        return "the case was handed over"
    if decision.choice is Choice.OFFER_NEW_TIMES:
        cases.move(session, case, CaseEvent.NEW_TIMES_WANTED, actor=actor, reason="staff asked")
        case.grace_until = clock.now()
        case.touches, case.first_word_at = 0, None
        session.add(case)
        return "new times will be offered"
    slot = offers.find_slot(session, case.id, decision.slot)
    if slot is None:
        return "refused: this case has no such slot"
    if offers.superseded(session, slot):
        return "refused: that offer was replaced by a newer one"
    return bookings.choose(session, case, slot, actor=actor)


def _follow(session: Session, case: Case, reply: Reply, *, decided: bool) -> str:
    """What the client said. Words that need a person do not undo what a person just `decided`."""
    if reply.intent == Meaning.OPT_OUT:
        return _mark(session, reply, "no more messages")
    if reply.intent != Meaning.ACCEPT or reply.slot_id is None:
        return _mark(session, reply, meanings.act(session, case, reply, decided=decided))
    if not cases.is_open(case) or CaseState(case.state) is CaseState.BOOKING:
        return _too_late(session, case, reply)
    slot = session.get_one(OfferSlot, reply.slot_id)
    return _mark(session, reply, bookings.choose(session, case, slot, actor="client"))


def take_late(session: Session, case_id: str) -> None:
    """What comes when the case is closed and no run waits for it any more is answered at once."""
    case = cases.load(session, case_id)
    if cases.is_open(case):
        return
    _take(session, case, Decision())
    story.set_deadline(session, case)


def _too_late(session: Session, case: Case, reply: Reply) -> str:
    """Somebody else decided first: the client hears what was booked, else staff that they chose."""
    chosen = case.chosen_slot
    if reply.slot_id == chosen:
        return _mark(session, reply, "already chosen")
    if CaseState(case.state) is CaseState.REBOOKED:
        outreach.plan(session, case, Purpose.TOO_LATE_SMS, f"too-late-{reply.id}")
    else:
        staff.note(session, case, f"staff-too-late-{reply.id}")
    return _mark(session, reply, staff.TOO_LATE.format(state=case.state))
