"""A decision made at the terminal: left for the case's run, or taken at once where no run acts."""

from dataclasses import dataclass

from sqlmodel import Session

from rebook.db.tables import Case, Reply
from rebook.domain import clock
from rebook.domain.decisions import Decision
from rebook.domain.ids import new_id
from rebook.services import (
    answers,
    attention,
    audit,
    cases,
    pages,
    staff,
    staff_actions,
    story,
    waits,
)


class CaseIsClosed(Exception):
    """Nothing is left to decide about this case."""


@dataclass(frozen=True)
class Left:
    """`outcome` is empty while the case's run has not taken the decision yet."""

    reply_id: str
    outcome: str = ""


def decide(session: Session, case_id: str, decision: Decision, *, nobody: str) -> Left:
    """Raises `NoSuchCase`, `CaseIsClosed`. `nobody` marks a case whose run was taken away."""
    case = cases.load(session, case_id)
    if not cases.is_open(case):
        raise CaseIsClosed(f"case {case_id} is closed already: {case.state}")
    source = f"cli:{new_id('decision')}"
    reply = staff_actions.keep(session, case_id, decision, source=source, rule="terminal")
    actor = f"staff:{decision.by}"
    audit.record(
        session, "decided_at_terminal", case_id=case_id, actor=actor, choice=decision.choice
    )
    if case.run_id not in (None, nobody):
        return Left(reply.id)
    outcome = _take(session, case, reply, decision)
    attention.back_to_work(session, case, nobody)
    return Left(reply.id, outcome)


def _take(session: Session, case: Case, reply: Reply, decision: Decision) -> str:
    reply.outcome = answers.decide(session, case, decision)
    reply.taken_at = clock.now()
    session.add(reply)
    wait = waits.open_wait(session, case.id)
    if wait is not None:
        waits.close(session, case.id, wait.key, decision.choice)
    staff.show(session, case)
    pages.refresh(session, case)
    story.set_deadline(session, case)
    return reply.outcome


def outcome(session: Session, reply_id: str) -> str:
    """What became of a decision; empty while it waits."""
    return session.get_one(Reply, reply_id).outcome
