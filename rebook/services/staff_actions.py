"""What staff decided outside Prefect (a button in their channel, the staff page, a word at the
terminal) becomes a reply of the case, taken like any decision."""

from sqlmodel import Session, select

from rebook.db.session import call_dispatcher
from rebook.db.tables import Reply
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.domain.decisions import Choice, Decision
from rebook.domain.ids import new_id
from rebook.domain.messages import Channel, StaffAction
from rebook.services import audit, cases, staff, staff_accounts, story
from rebook.services.cases import NoSuchCase

BOOK = "book:"
ACTIONS: dict[str, Choice] = {
    "take": Choice.TAKE_CASE,
    "called": Choice.CALL_MADE,
    "new_times": Choice.OFFER_NEW_TIMES,
    "close": Choice.CLOSE_DECLINED,
}
"""The buttons of a case's message, by the action id they carry; those of times carry the slot."""


def receive(session: Session, action: StaffAction, source: str) -> tuple[str, str | None]:
    """Store a press. Pressing twice is one decision; one for a closed case is answered at once."""
    case_id, _, picked = action.value.partition(" ")
    decision = _decision(action.action, picked, staff_accounts.behind(session, action.by))
    if decision is None:
        return "not a button of ours", None
    try:
        case = cases.load(session, case_id)
    except NoSuchCase:
        return "not a button of ours", None
    key = f"staff:{action.vendor_id or source}"
    if session.exec(select(Reply.id).where(Reply.source == key)).first():
        return "seen before", case.id
    reply = keep(session, case.id, decision, source=key, rule="button")
    actor = f"staff:{decision.by}"
    audit.record(session, "button_pressed", case_id=case.id, actor=actor, choice=decision.choice)
    if not cases.is_open(case):
        _refuse(session, reply, decision, CaseState(case.state))
        staff.update(session, case)
        story.set_deadline(session, case)
    return "button", case.id


def _decision(action: str, picked: str, by: str) -> Decision | None:
    """The choice a button stands for, or the one picked from its menu."""
    if action.startswith(BOOK):
        return Decision(Choice.BOOK_SLOT, by, action.removeprefix(BOOK))
    if picked:
        return Decision(Choice(picked), by) if picked in MENU else None
    return Decision(ACTIONS[action], by) if action in ACTIONS else None


MENU = frozenset(choice for choice in Choice if choice.startswith("close_"))


def _refuse(session: Session, reply: Reply, decision: Decision, state: CaseState) -> None:
    """No run waits for it any more."""
    reply.taken_at, reply.outcome = clock.now(), f"operator: refused: the case is {state}"
    session.add(reply)
    audit.record(
        session,
        "decision",
        case_id=reply.case_id,
        actor=f"staff:{decision.by}",
        choice=decision.choice,
        slot=decision.slot,
        outcome=f"refused: the case is {state}",
    )


def keep(session: Session, case_id: str, decision: Decision, *, source: str, rule: str) -> Reply:
    """A decision as an unread reply of its case; `source` is unique to it."""
    head = f"{decision.by} {decision.slot}".strip()
    reply = Reply(
        id=new_id("reply"),
        case_id=case_id,
        source=source,
        channel=Channel.STAFF,
        said=f"{head}\n{decision.note}" if decision.note else head,
        intent=decision.choice,
        rule=rule,
        received_at=clock.now(),
    )
    session.add(reply)
    call_dispatcher(session)
    return reply


def keep_once(
    session: Session, case_id: str, decision: Decision, *, source: str, rule: str
) -> Reply:
    """The same, where it may have been kept before: then what was kept."""
    known = session.exec(select(Reply).where(Reply.source == source)).first()
    return known or keep(session, case_id, decision, source=source, rule=rule)


def decision_of(reply: Reply) -> Decision | None:
    """The decision a stored reply of staff stands for."""
    if reply.channel != Channel.STAFF:
        return None
    head, _, note = reply.said.partition("\n")
    by, _, slot = head.partition(" ")
    return Decision(choice=Choice(reply.intent), by=by, slot=slot, note=note)
