"""Who executes which run: a worker that dies lets go of its lock, and its runs are known to be dead.

A worker that only stands still keeps its lock; then the leases of its cases run out.
"""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete

from rebook.db.tables import Claim

HOLD = "SELECT pg_advisory_lock(%s)"
"""What a worker says on a connection of its own, with its number."""
DEAD = text(
    """
    SELECT run_id FROM claim GROUP BY run_id HAVING NOT bool_or(EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND ((classid::bigint << 32) | objid::bigint) = claim.worker
    ))
    """
)

OF_OTHERS = text(
    """
    SELECT run_id FROM claim WHERE run_id = ANY(:run_ids) AND worker <> :worker AND EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND ((classid::bigint << 32) | objid::bigint) = claim.worker
    )
    """
)


def take(session: Session, run_id: str, worker: int) -> bool:
    """Before it reaches for the run: from then on its death is noticed. False where another has it.

    Two that ask at the same moment may both be told yes: Prefect decides, this saves it most questions.
    """
    if of_others(session, [run_id], worker):
        return False
    session.connection().execute(
        insert(Claim).values(run_id=run_id, worker=worker).on_conflict_do_nothing()
    )
    return True


def of_others(session: Session, run_ids: Collection[str], worker: int) -> set[str]:
    """Which of these another living worker has or reaches for."""
    asked = {"run_ids": list(run_ids), "worker": worker}
    return set(session.connection().execute(OF_OTHERS, asked).scalars())


def let_go(session: Session, run_id: str, worker: int) -> None:
    """It has ended the run, or another was faster."""
    mine = (col(Claim.run_id) == run_id) & (col(Claim.worker) == worker)
    session.exec(delete(Claim).where(mine))


def drop(session: Session, run_id: str) -> None:
    """The dead run is taken care of."""
    session.exec(delete(Claim).where(col(Claim.run_id) == run_id))


def dead(session: Session) -> set[str]:
    """Runs whose worker holds its lock no more; it may be about to take it again."""
    return set(session.connection().execute(DEAD).scalars())
