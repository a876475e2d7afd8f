"""The few things the dispatcher asks of Prefect, each with its answer in our own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import AwaitingRetry, Scheduled

from tasks.names import MARKER
from tasks.waiting import Decision

LOOK = {"decision": "read_ledger", "by": "system"}


class Standing(StrEnum):
    """How a case's run stands, as far as the dispatcher cares."""

    GONE = "gone"
    COMING = "coming"
    PENDING = "pending"
    RUNNING = "running"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    ENDED = "ended"


STANDINGS: dict[StateType, Standing] = {
    StateType.SCHEDULED: Standing.COMING,
    StateType.PENDING: Standing.PENDING,
    StateType.RUNNING: Standing.RUNNING,
    StateType.PAUSED: Standing.SUSPENDED,
    StateType.CANCELLING: Standing.CANCELLED,
    StateType.CANCELLED: Standing.CANCELLED,
    StateType.COMPLETED: Standing.ENDED,
    StateType.FAILED: Standing.ENDED,
    StateType.CRASHED: Standing.ENDED,
}


@dataclass(frozen=True)
class RunNow:
    """A run as Prefect holds it now."""

    standing: Standing
    run: FlowRun | None = None

    @property
    def has_form(self) -> bool:
        """Is it suspended in a wait of ours (and not by the UI's Suspend button)?"""
        state = self.run.state if self.run else None
        return bool(state and state.state_details.run_input_keyset)

    @property
    def held(self) -> bool:
        """Did an operator press Suspend, and is the time they chose not over? Prefect's own clock."""
        if self.standing is not Standing.SUSPENDED or self.has_form or not self.run:
            return False
        until = self.run.state.state_details.pause_timeout if self.run.state else None
        return until is None or until > datetime.now(UTC)


def look_at(client: SyncPrefectClient, run_id: str) -> RunNow:
    """Where a run stands; `GONE` where Prefect knows none of this id."""
    try:
        run = client.read_flow_run(UUID(run_id))
    except (ObjectNotFound, ValueError):
        return RunNow(Standing.GONE)
    return _as_it_stands(run)


def _as_it_stands(run: FlowRun) -> RunNow:
    return RunNow(STANDINGS[run.state.type] if run.state else Standing.COMING, run)


def look_at_all(client: SyncPrefectClient, run_ids: Iterable[str]) -> dict[str, RunNow]:
    """Where each of up to 200 runs stands, at the cost of one question."""
    asked = list(run_ids)
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id) for run_id in asked]))
    found = {str(run.id): run for run in client.read_flow_runs(flow_run_filter=wanted)}
    return {
        run_id: _as_it_stands(found[run_id]) if run_id in found else RunNow(Standing.GONE)
        for run_id in asked
    }


def waits_to_start(client: SyncPrefectClient, deployment_id: UUID) -> bool:
    """Is a run of this deployment scheduled that no worker has taken yet?"""
    runs = client.count_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
        ),
    )
    return runs > 0


def wake(client: SyncPrefectClient, run_id: str) -> bool:
    """Resume a suspended run so that it looks at the ledger. False where it does not wait."""
    try:
        answer = client.resume_flow_run(UUID(run_id), run_input=LOOK)
    except ObjectNotFound:
        return False
    return answer.status == SetStateStatus.ACCEPT


def write_form(client: SyncPrefectClient, run: FlowRun, description: str) -> bool:
    """Write the form of a run that died between suspending and saving it. False where it is there."""
    keyset = run.state.state_details.run_input_keyset if run.state else None
    if not keyset:
        return False
    try:
        client.request(
            "GET",
            "/flow_runs/{id}/input/{key}",
            path_params={"id": run.id, "key": keyset["schema"]},
        )
    except PrefectHTTPStatusError as error:
        if error.response.status_code != 404:
            raise
        form: Any = Decision.with_initial_data(description=description)
        form.save(keyset, flow_run_id=run.id)
        return True
    return False


def run_again(client: SyncPrefectClient, run_id: str, *, pending: bool) -> None:
    """Hand a dead run back to the workers. One stuck Pending never began, so it is scheduled anew."""
    state: State[Any] = Scheduled() if pending else AwaitingRetry()
    client.set_flow_run_state(UUID(run_id), state, force=pending)


def marker_stands(client: SyncPrefectClient, installation: str) -> bool:
    """Is this the Prefect database we registered with, or was it lost and made anew?"""
    known = client.read_variable_by_name(MARKER)
    return known is not None and known.value == installation
