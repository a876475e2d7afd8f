"""Starting the run of a case: by deployment name, once per epoch, bound to the case in the ledger."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from sqlmodel import Session

from rebook.db.session import call_workers, ledger
from rebook.db.tables import Appointment, Case
from rebook.domain import clock
from rebook.failpoints import fp
from rebook.services import audit, cases, leases
from rebook.settings import settings
from tasks.names import CASE_FLOW, case_key, case_tags
from tasks.step import step

NEW_RUN = "new_run_needed"
OF_RUNS = (NEW_RUN, "run_created", "run_started", "step_failed", "seen_again")
"""What is written of a run that got nothing done."""
BETWEEN_RUNS = (0, 1, 2, 5, 10, 30, 60, 120, 300, 600)
"""Seconds before a run that ended badly is followed by another; after the last, staff are asked.

Slow to grow: where many runs share a process, most of those that die with it did nothing wrong.
"""

_DEPLOYMENTS: dict[str, UUID] = {}


@step("start the runs of new cases")
def start_case_runs(case_ids: Iterable[str], batch: str = "") -> list[str]:
    """One top-level run for each case that has none. Returns the runs' ids."""
    with get_client(sync_client=True) as client:
        return [
            run_id
            for case_id in case_ids
            if (run_id := start_case_run(client, case_id, batch=batch))
        ]


def start_case_run(client: SyncPrefectClient, case_id: str, *, batch: str = "") -> str | None:
    """Create the run of the case's current epoch and bind the case to it. Safe to repeat."""
    with ledger() as session:
        case = cases.load(session, case_id)
        if case.run_id is not None or case.next_action_at is None:
            return None
        epoch, platform = case.epoch, _platform(session, case)
    fp("case.run_wanted")
    run_id = create_run(
        client,
        CASE_FLOW,
        name=case_id if epoch == 0 else f"{case_id} ({epoch})",
        parameters={"case_id": case_id},
        idempotency_key=case_key(case_id, epoch),
        tags=case_tags(case_id, platform, batch),
    )
    fp("case.run_created")
    with ledger() as session:
        bound = _bind(session, case_id, run_id, epoch)
    if bound and epoch == 0:
        announce("opened", case_id)
    return run_id


def create_run(client: SyncPrefectClient, name_of_deployment: str, **given: Any) -> str:
    """A run of a deployment of ours; its id. Looked up once, and again where Prefect lost it."""
    known = _DEPLOYMENTS.get(name_of_deployment)
    if known is not None:
        with suppress(ObjectNotFound):
            return str(client.create_flow_run_from_deployment(known, **given).id)
    known = client.read_deployment_by_name(name_of_deployment).id
    _DEPLOYMENTS[name_of_deployment] = known
    return str(client.create_flow_run_from_deployment(known, **given).id)


def _platform(session: Session, case: Case) -> str:
    return session.get_one(Appointment, case.appointment_id).connection


def _bind(session: Session, case_id: str, run_id: str, epoch: int) -> bool:
    """False where somebody else was faster, or the run itself was."""
    case = cases.load(session, case_id)
    if case.run_id is not None or case.epoch != epoch:
        return False
    case.run_id = run_id
    case.lease_until = clock.now() + timedelta(seconds=settings().lease_seconds)
    session.add(case)
    audit.record(session, "run_created", case_id=case_id, run=run_id, epoch=epoch)
    call_workers(session)
    return True


def new_epoch(session: Session, case: Case, why: str) -> None:
    """The run that acted is gone for good: the next one is a new run, sooner or later.

    At once where it had got something done: a run may die of what another in its process did.
    """
    if audit.happened_since(session, case.id, NEW_RUN, besides=OF_RUNS):
        case.failures = 0
    wait = BETWEEN_RUNS[min(case.failures, len(BETWEEN_RUNS) - 1)]
    case.retry_at = clock.now() + timedelta(seconds=wait)
    case.failures += 1
    case.epoch += 1
    case.run_id = None
    leases.release(case)
    session.add(case)
    audit.record(session, NEW_RUN, case_id=case.id, epoch=case.epoch, why=why)


def announce(what: str, case_id: str) -> None:
    """A Prefect event for operators' automations. Nothing of ours depends on it."""
    emit_event(
        event=f"rebook.case.{what}",
        resource={"prefect.resource.id": f"rebook.case.{case_id}", "rebook.case": case_id},
    )
