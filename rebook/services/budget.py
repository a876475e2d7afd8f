"""How often a client is invited before they say anything: over all cases and channels."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from rebook.db.tables import Case, Intent, Reply
from rebook.services import cases

STEPS = "outreach"
"""What the steps of invitations begin with: our messages, and the beginning of a platform's sequence."""


def is_spent(session: Session, case: Case) -> bool:
    """A sequence that was begun counts as one invitation."""
    return _unanswered(session, case) >= cases.policy_of(session, case).contact_budget


def _unanswered(session: Session, case: Case) -> int:
    """Invitations sent to this person since they last said anything, over all cases and channels."""
    if case.person_id is None:
        return 0
    mine = select(Case.id).where(Case.person_id == case.person_id)
    last = session.exec(
        select(func.max(Reply.received_at)).where(col(Reply.case_id).in_(mine))
    ).one()
    sent = select(func.count()).where(
        col(Intent.case_id).in_(mine),
        col(Intent.kind).in_(("message", "campaign")),
        col(Intent.step).startswith(STEPS),
        col(Intent.sent_at).is_not(None),
    )
    return session.exec(sent.where(col(Intent.sent_at) > last) if last else sent).one()
