"""A person and a case: who has taken it, and that somebody called."""

from datetime import timedelta

from sqlmodel import Session

from rebook.db.tables import Case
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.services import cases, story


def take(session: Session, case: Case, by: str) -> str:
    """The machine stops and the case is this person's, also where it was somebody else's before.

    Raises `IllegalTransition` where the case is closed.
    """
    story.hand_over(session, case, "taken by staff", actor=f"staff:{by}")
    case.owner = by
    _remind_later(session, case)
    return "the case was taken"


def called(session: Session, case: Case) -> str:
    """Who waits for a person was heard: the reminder starts anew."""
    if not cases.is_open(case):
        return f"refused: the case is {case.state}"
    if CaseState(case.state) is CaseState.HANDED_OVER:
        _remind_later(session, case)
    return "the call was noted"


def _remind_later(session: Session, case: Case) -> None:
    hours = cases.policy_of(session, case).staff_reminder_hours
    case.follow_up_at = clock.now() + timedelta(hours=hours)
    session.add(case)
