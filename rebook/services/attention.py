"""Which cases need waking, and what becomes of a case whose run is gone: the dispatcher's questions."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, exists, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rebook.db.session import call_workers
from rebook.db.tables import Case, Inbox, Reply, Wait
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES, CaseState
from rebook.services import audit, cases, inbox, leases, story, waits
from rebook.settings import settings

GRACE_FOR_CREATOR = timedelta(seconds=3)
"""Whoever opened a case starts its run; only then does the dispatcher."""


def oldest_waiting(session: Session) -> Inbox | None:
    """The first inbox row for a run that nobody has tried, else the first nobody has handled."""
    first = inbox.waiting(session, limit=1)
    return session.get(Inbox, first[0]) if first else None


def without_run(session: Session, limit: int = 50) -> list[str]:
    """Cases that owe something and are bound to no run.

    The newest first: whoever opened a thousand of them begins at the other end.
    """
    now = clock.now()
    return list(
        session.exec(
            select(Case.id)
            .where(col(Case.run_id).is_(None), col(Case.next_action_at).is_not(None))
            .where(or_(col(Case.retry_at).is_(None), col(Case.retry_at) <= now))
            .where(or_(col(Case.opened_at) < now - GRACE_FOR_CREATOR, col(Case.epoch) > 0))
            .order_by(col(Case.opened_at).desc(), col(Case.id).desc())
            .limit(limit)
        )
    )


def to_wake(session: Session, nobody: str, limit: int = 50) -> list[tuple[str, str]]:
    """(case, run) of those whose time is due or whose reply is unread, and whom nobody is acting for."""
    now = clock.now()
    rows = session.exec(
        select(Case.id, Case.run_id)
        .where(col(Case.run_id).is_not(None), Case.run_id != nobody)
        .where(_has_something_to_do())
        .where(or_(col(Case.lease_until).is_(None), exists(_open_wait())))
        .where(~exists(_just_woken(now - timedelta(seconds=settings().lease_seconds))))
        .order_by(col(Case.next_action_at))
        .limit(limit)
    )
    return [(case_id, run_id) for case_id, run_id in rows if run_id]


def _has_something_to_do() -> ColumnElement[bool]:
    """Its time is due, or it is open with a reply that was not taken up.

    Asked twice a second: each half finds its few by an index, however many cases wait or are closed.
    """
    now = clock.now()
    due = select(Case.id).where(col(Case.next_action_at) <= now)
    unread = select(Reply.case_id).where(col(Reply.taken_at).is_(None))
    is_open = col(Case.state).in_([str(state) for state in OPEN_STATES])
    return col(Case.id).in_(due.union(unread)) & or_(col(Case.next_action_at) <= now, is_open)


def _open_wait() -> SelectOfScalar[str]:
    return (
        select(Wait.key)
        .where(col(Wait.case_id) == col(Case.id), col(Wait.closed_at).is_(None))
        .correlate(Case)
    )


def _just_woken(since: object) -> SelectOfScalar[str]:
    return _open_wait().where(col(Wait.woken_at) > since)


def lapsed(session: Session, nobody: str, limit: int = 50) -> list[tuple[str, str]]:
    """(case, run) of those whose lease ran out: parked in a wait, or dead."""
    rows = session.exec(
        select(Case.id, Case.run_id)
        .where(col(Case.run_id).is_not(None), Case.run_id != nobody)
        .where(col(Case.lease_until) < clock.now())
        .limit(limit)
    )
    return [(case_id, run_id) for case_id, run_id in rows if run_id]


def woken(session: Session, case_id: str) -> None:
    """A resume was accepted: until its run shows up, the lease watches over it."""
    case = cases.load(session, case_id)
    wait = waits.open_wait(session, case_id)
    if wait is not None:
        wait.woken_at = clock.now()
        session.add(wait)
    leases.extend(case)
    session.add(case)
    call_workers(session)


def run_suspended(session: Session, run_id: str) -> None:
    """Its worker saw it come to rest: nobody need look after its lease any more."""
    case_id = session.exec(select(Case.id).where(Case.run_id == run_id)).first()
    if case_id is not None:
        parked(session, case_id, run_id)


def parked(session: Session, case_id: str, run_id: str) -> None:
    """The run is suspended as it should be: there is nobody to watch over."""
    case = cases.load(session, case_id)
    if case.run_id == run_id and waits.open_wait(session, case_id):
        leases.release(case)
        session.add(case)


def watch_again(session: Session, case_id: str, seconds: float | None = None) -> None:
    """A run that will start, or is slow, gets its time: by default a lease."""
    case = cases.load(session, case_id)
    leases.extend(case, seconds)
    session.add(case)


def acting(session: Session, nobody: str, limit: int = 100) -> list[tuple[str, str]]:
    """(case, run) of those somebody acts for, or should: the ones longest without a sign first."""
    rows = session.exec(
        select(Case.id, Case.run_id)
        .where(col(Case.run_id).is_not(None), Case.run_id != nobody)
        .where(col(Case.lease_until).is_not(None))
        .order_by(col(Case.lease_until))
        .limit(limit)
    )
    return [(found, run_id) for found, run_id in rows if run_id]


def moving(session: Session, case_id: str, run_id: str) -> None:
    """An operator resumed the run: until it shows up, the lease watches over it."""
    case = cases.load(session, case_id)
    if case.run_id == run_id and case.lease_until is None:
        leases.extend(case)
        session.add(case)


def held(session: Session, case_id: str) -> None:
    """An operator suspended the run for a while: it is not asked again for the time of a lease."""
    wait = waits.open_wait(session, case_id)
    if wait is not None:
        wait.woken_at = clock.now()
        session.add(wait)


def parked_after(
    session: Session, nobody: str, case_id: str, limit: int = 100
) -> list[tuple[str, str]]:
    """(case, run) of those nobody acts for, in the order of their ids, from after this one on."""
    rows = session.exec(
        select(Case.id, Case.run_id)
        .where(col(Case.run_id).is_not(None), Case.run_id != nobody)
        .where(col(Case.lease_until).is_(None), col(Case.next_action_at).is_not(None))
        .where(col(Case.id) > case_id)
        .order_by(col(Case.id))
        .limit(limit)
    )
    return [(found, run_id) for found, run_id in rows if run_id]


def parked_number(session: Session, nobody: str) -> int:
    """How many those are in all."""
    return session.exec(
        select(func.count())
        .select_from(Case)
        .where(col(Case.run_id).is_not(None), Case.run_id != nobody)
        .where(col(Case.lease_until).is_(None), col(Case.next_action_at).is_not(None))
    ).one()


def taken_away(session: Session, case_id: str, run_id: str, nobody: str, why: str) -> bool:
    """An operator cancelled or deleted the run: the case is staff's, and no run is made for it.

    True where it was handed over by this.
    """
    case = cases.load(session, case_id)
    if case.run_id != run_id:
        return False
    case.run_id = nobody
    case.lease_fence += 1
    leases.release(case)
    session.add(case)
    wait = waits.open_wait(session, case_id)
    if wait is not None:
        waits.close(session, case_id, wait.key, why)
    if cases.is_open(case):
        story.hand_over(session, case, why)
        story.set_deadline(session, case)
    return cases.is_open(case)


def unattended_due(session: Session, nobody: str) -> Sequence[str]:
    """Cases nobody attends that owe something, or for which something was said."""
    return session.exec(
        select(Case.id)
        .where(Case.run_id == nobody)
        .where(_has_something_to_do())
        .order_by(col(Case.next_action_at))
    ).all()


def back_to_work(session: Session, case: Case, nobody: str) -> None:
    """Staff gave a case without a run something to do: a new run does it."""
    if case.run_id == nobody and CaseState(case.state) in (CaseState.OPEN, CaseState.BOOKING):
        case.run_id = None
        case.epoch += 1
        case.failures, case.retry_at = 0, None
        leases.release(case)
        session.add(case)
        audit.record(
            session, "new_run_needed", case_id=case.id, epoch=case.epoch, why="staff ordered it"
        )
