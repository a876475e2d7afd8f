"""How often a client is written to unasked before they say anything: over all cases and channels."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, text
from sqlmodel import Session, col, select

from rebook.db.tables import Case, Intent, Reply
from rebook.domain.messages import Channel
from rebook.services import cases
from rebook.services.intents import Stage

STEPS = ("outreach", "late")
"""What the steps of unasked messages begin with; so does the beginning of a platform's sequence."""


def is_spent(session: Session, case: Case) -> bool:
    """A sequence that was begun counts as one message."""
    _one_at_a_time(session, case)
    return _unanswered(session, case) >= cases.policy_of(session, case).contact_budget


def last_word(session: Session, of: ColumnElement[bool]) -> datetime | None:
    """When the client last said something. What staff decided is stored as a reply too and is not that."""
    return session.exec(
        select(func.max(Reply.received_at)).where(of, col(Reply.channel) != Channel.STAFF)
    ).one()


def _one_at_a_time(session: Session, case: Case) -> None:
    """Two cases of one client must not both find room for the last message of the budget."""
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 4))"),
        {"person": case.person_id or case.id},
    )


def _unanswered(session: Session, case: Case) -> int:
    """Messages sent unasked to this person since they last said anything, over all cases and channels.

    One in doubt counts as one the client got, also when it goes out once more for want of evidence.
    """
    if case.person_id is None:
        return 0
    mine = select(Case.id).where(Case.person_id == case.person_id)
    last = last_word(session, col(Reply.case_id).in_(mine))
    sent = select(func.coalesce(func.sum(Intent.attempts), 0)).where(
        col(Intent.case_id).in_(mine),
        col(Intent.kind).in_(("message", "campaign")),
        or_(*(col(Intent.step).startswith(step) for step in STEPS)),
        col(Intent.state) != Stage.REFUSED,
    )
    return session.exec(sent.where(col(Intent.claimed_at) > last) if last else sent).one()
