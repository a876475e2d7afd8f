"""The gate every message to a client passes at the moment it would leave: send, wait until, or never.

Consent is the appointment the contact came with; a suppression takes it back for good.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, text
from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Case, Intent, Reply
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.domain.contact import answers_directly, may_write_at
from rebook.domain.messages import Channel
from rebook.services import cases, intents, offers, people
from rebook.services.intents import Stage

UNASKED = ("outreach", "late")
"""Steps whose messages count against the contact budget."""
LEFT = (Stage.SENDING, Stage.UNKNOWN, Stage.DONE)
"""Sent, or perhaps sent: a message in doubt counts as one the client got."""


@dataclass(frozen=True)
class Verdict:
    """`refusal` is final; `until` is when to ask again; neither: it may leave now."""

    refusal: str = ""
    until: datetime | None = None


def judge(
    session: Session, case: Case, intent: Intent, *, states: Collection[CaseState], counted: bool
) -> Verdict:
    """Of a locked intent. `states` are those in which its words make sense."""
    _one_at_a_time(session, case)
    refusal = _refusal(session, case, intent, states=states, counted=counted)
    if refusal:
        return Verdict(refusal=refusal)
    direct = intent.direct_answer and answers(session, case)
    opens = when(session, case, direct=direct)
    return Verdict(until=opens) if opens > clock.now() else Verdict()


def _one_at_a_time(session: Session, case: Case) -> None:
    """Two cases of one client must not both find room for the last message of the budget."""
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 4))"),
        {"person": case.person_id or case.id},
    )


def _refusal(
    session: Session, case: Case, intent: Intent, *, states: Collection[CaseState], counted: bool
) -> str:
    if people.is_suppressed(session, intent.to_key):
        return "the client opted out"
    if CaseState(case.state) not in states:
        return "the case has moved on"
    if _comes_too_late(session, case, intent):
        return "the visit is over"
    if _speaks_of_old_times(session, case, intent):
        return "the times it lists were replaced"
    if intent.attempts >= intents.MOST_ATTEMPTS:
        return "it was tried often enough"
    if counted and unanswered(session, case) >= cases.policy_of(session, case).contact_budget:
        return "the contact budget is spent"
    return ""


def _comes_too_late(session: Session, case: Case, intent: Intent) -> bool:
    """Word of a delay is of no use when the visit is over."""
    visit = session.get_one(Appointment, case.appointment_id)
    return intent.step.startswith("late") and clock.now() > visit.ends_at


def _speaks_of_old_times(session: Session, case: Case, intent: Intent) -> bool:
    number = intent.payload.get("offer")
    if not number:
        return False
    current = offers.current(session, case.id)
    return current is None or current.n != number


def answers(session: Session, case: Case) -> bool:
    """Would a message now be a direct answer to what the client just said?"""
    last = session.exec(
        select(func.max(Reply.received_at)).where(Reply.case_id == case.id, *_BY_THE_CLIENT)
    ).one()
    return answers_directly(clock.now(), last, cases.policy_of(session, case))


_BY_THE_CLIENT = (col(Reply.channel) != Channel.STAFF,)
"""What staff decided is stored as a reply too, and is no word of the client's."""


def when(session: Session, case: Case, *, direct: bool) -> datetime:
    """When a message may leave at the earliest."""
    now = clock.now()
    if direct:
        return now
    return may_write_at(now, offers.zone_of(session, case), cases.policy_of(session, case))


def unanswered(session: Session, case: Case) -> int:
    """Messages sent unasked to this person since they last said anything, over all cases and channels."""
    if case.person_id is None:
        return 0
    mine = select(Case.id).where(Case.person_id == case.person_id)
    last = session.exec(
        select(func.max(Reply.received_at)).where(col(Reply.case_id).in_(mine), *_BY_THE_CLIENT)
    ).one()
    sent = select(func.count()).where(
        col(Intent.case_id).in_(mine),
        Intent.kind == "message",
        or_(*(col(Intent.step).startswith(step) for step in UNASKED)),
        col(Intent.state).in_(LEFT),
    )
    return session.exec(sent.where(col(Intent.claimed_at) > last) if last else sent).one()
