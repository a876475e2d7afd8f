"""A case's waits: opened before the run suspends, closed by the run that wakes, one at a time."""

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from rebook.db.tables import Case, Wait
from rebook.domain import clock
from rebook.domain.ids import new_id
from rebook.services import audit, leases
from rebook.services.leases import Actor


def ensure_open(session: Session, actor: Actor) -> str:
    """The key of the case's open wait, opened now if there is none."""
    case = leases.check(session, actor)
    wait = open_wait(session, case.id)
    if wait is None:
        wait = Wait(key=new_id("wait"), case_id=case.id, opened_at=clock.now())
        session.add(wait)
        audit.record(session, "waiting", case_id=case.id, wait=wait.key, until=_text(case))
    return wait.key


def _text(case: Case) -> str:
    return case.next_action_at.isoformat() if case.next_action_at else ""


OPEN = select(Wait).where(Wait.case_id == bindparam("case"), col(Wait.closed_at).is_(None))


def open_wait(session: Session, case_id: str) -> Wait | None:
    return session.exec(OPEN, params={"case": case_id}).first()


def close(session: Session, case_id: str, key: str, outcome: str) -> bool:
    """Close this wait. False where it was closed before."""
    wait = open_wait(session, case_id)
    if wait is None or wait.key != key:
        return False
    wait.closed_at, wait.outcome = clock.now(), outcome
    session.add(wait)
    return True
