"""What staff decided outside Prefect (a button in their channel, a word at the terminal) becomes a
reply of the case, taken like any decision."""

from sqlmodel import Session, select

from rebook.db.session import call_dispatcher
from rebook.db.tables import Case, Reply
from rebook.domain import clock
from rebook.domain.decisions import Choice, Decision
from rebook.domain.ids import new_id
from rebook.domain.messages import Channel, StaffAction
from rebook.services import audit

ACTIONS: dict[str, Choice] = {
    "take": Choice.HAND_OVER,
    "new_times": Choice.OFFER_NEW_TIMES,
    "close": Choice.CLOSE_DECLINED,
}
"""The buttons of a case's message, by the action id they carry."""


def receive(session: Session, action: StaffAction, source: str) -> tuple[str, str | None]:
    """Store a press. Pressing twice is one decision."""
    case = session.get(Case, action.value)
    choice = ACTIONS.get(action.action)
    key = f"staff:{action.vendor_id or source}"
    if case is None or choice is None:
        return "not a button of ours", None
    if session.exec(select(Reply.id).where(Reply.source == key)).first():
        return "seen before", case.id
    keep(session, case.id, Decision(choice, action.by), source=key, rule="button")
    audit.record(
        session, "button_pressed", case_id=case.id, actor=f"staff:{action.by}", choice=choice
    )
    return "button", case.id


def keep(session: Session, case_id: str, decision: Decision, *, source: str, rule: str) -> Reply:
    """A decision as an unread reply of its case; `source` is unique to it."""
    reply = Reply(
        id=new_id("reply"),
        case_id=case_id,
        source=source,
        channel=Channel.STAFF,
        said=f"{decision.by} {decision.slot}".strip(),
        intent=decision.choice,
        rule=rule,
        received_at=clock.now(),
    )
    session.add(reply)
    call_dispatcher(session)
    return reply


def keep_once(
    session: Session, case_id: str, decision: Decision, *, source: str, rule: str
) -> None:
    """The same, where it may have been kept before."""
    if session.exec(select(Reply.id).where(Reply.source == source)).first() is None:
        keep(session, case_id, decision, source=source, rule=rule)


def decision_of(reply: Reply) -> Decision | None:
    """The decision a stored reply of staff stands for."""
    if reply.channel != Channel.STAFF:
        return None
    by, _, slot = reply.said.partition(" ")
    return Decision(choice=Choice(reply.intent), by=by, slot=slot)
