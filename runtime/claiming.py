"""Who executes which run, as the ledger says it: a worker tells the others what it reaches for.

A help only: while the ledger is away Prefect alone decides.
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from prefect.client.schemas.responses import WorkerFlowRunResponse

from rebook.db.session import AWAY, call_workers, ledger
from rebook.services import claims


def free(found: Sequence[WorkerFlowRunResponse], worker: int) -> list[WorkerFlowRunResponse]:
    """Without those that another worker is about to start."""
    taken: set[str] = set()
    with suppress(*AWAY), ledger() as session:
        taken = claims.of_others(session, [str(one.flow_run.id) for one in found], worker)
    return [one for one in found if str(one.flow_run.id) not in taken]


def mark(flow_run_id: UUID, worker: int) -> bool:
    """False where another worker has it.

    Before Prefect is asked: a worker killed right after its yes would leave a run that nobody has.
    """
    with suppress(*AWAY), ledger() as session:
        return claims.take(session, str(flow_run_id), worker)
    return True


def unmark(flow_run_id: UUID, worker: int) -> None:
    with suppress(*AWAY), ledger() as session:
        claims.let_go(session, str(flow_run_id), worker)


def pass_on(place: int) -> None:
    """There is more than this worker has room for: the one in the next place looks."""
    with suppress(*AWAY), ledger() as session:
        call_workers(session, place)
