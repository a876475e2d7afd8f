"""Only one run acts for a case: the run it is bound to, under the fence of its latest start."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from rebook.db.tables import Case
from rebook.domain import clock
from rebook.services import audit, cases
from rebook.settings import settings

CALL_SECONDS = 12.0
"""What a vendor's answer may take, and a little more."""

SLACK = timedelta(seconds=1)
"""By which a lease may end sooner than it could."""


class NotOurs(Exception):
    """Another run acts for this case, or this one was started anew."""


@dataclass(frozen=True)
class Actor:
    """A run's right to act: checked in the transaction of every step."""

    case_id: str
    run_id: str
    fence: int


def take(session: Session, case_id: str, run_id: str) -> Actor:
    """Begin to act. Raises `NotOurs` where the case is bound to another run."""
    case = cases.load(session, case_id)
    if case.run_id not in (None, run_id):
        raise NotOurs(f"case {case_id} is not this run's: {case.run_id} acts for it")
    case.run_id = run_id
    case.lease_fence += 1
    extend(case)
    session.add(case)
    audit.record(session, "run_started", case_id=case_id, run=run_id, fence=case.lease_fence)
    return Actor(case_id, run_id, case.lease_fence)


def check(session: Session, actor: Actor) -> Case:
    """The locked case, its lease extended. Raises `NotOurs` for a run that was replaced."""
    case = cases.load(session, actor.case_id)
    if (case.run_id, case.lease_fence) != (actor.run_id, actor.fence):
        raise NotOurs(f"case {actor.case_id} is acted for by another run")
    extend(case)
    session.add(case)
    return case


def fence(claimed: float) -> None:
    """Last thing before a create: raises `NotOurs` for a run held up since `claimed` (steady seconds).

    By the time its call came back another run might act; what was claimed is left to evidence.
    """
    if clock.steady() - claimed > settings().lease_seconds - CALL_SECONDS - SLACK.total_seconds():
        raise NotOurs("this run was held up for too long to begin a call")


def still_bound(session: Session, actor: Actor) -> bool:
    """Is it a later start of the very same run that acts now?"""
    return cases.load(session, actor.case_id).run_id == actor.run_id


def extend(case: Case, seconds: float | None = None) -> None:
    """A lease that was extended a moment ago is left alone: not every look at a case is a change to it."""
    until = clock.now() + timedelta(seconds=seconds or settings().lease_seconds)
    if case.lease_until is None or not until - SLACK < case.lease_until <= until:
        case.lease_until = until


def release(case: Case) -> None:
    """Nobody acts: the case waits, or its run has ended."""
    case.lease_until = None
