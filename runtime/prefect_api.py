"""The few things the dispatcher asks of Prefect, each with its answer in our own words."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.input.run_input import keyset_from_base_key
from prefect.states import Cancelled, Crashed
from pydantic import ValidationError

from rebook.domain import decisions
from tasks.names import MARKER
from tasks.waiting import Decision

LOOK = {"decision": "read_ledger", "by": "system"}
SETTLED, LONGEST = 1.0, 60.0
"""Seconds in which a suspended run's process has not ended, and in which it surely has."""


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
    def seconds(self) -> float:
        """How long it has stood like this. Prefect's own clock."""
        state = self.run.state if self.run else None
        since = state.timestamp if state else None
        return (datetime.now(UTC) - since).total_seconds() if since else 0.0

    @property
    def settling(self) -> bool:
        """Its process may not have ended yet. Handed the run again now, a process worker of
        Prefect 3.8 would end itself ("this borrower is already holding one of ... tokens")."""
        if self.standing is not Standing.SUSPENDED or not self.run:
            return False
        return self.seconds < SETTLED or (
            self.seconds < LONGEST and lives(self.run.infrastructure_pid)
        )

    @property
    def held(self) -> bool:
        """Did an operator press Suspend, and is the time they chose not over? Prefect's own clock."""
        if self.standing is not Standing.SUSPENDED or self.has_form or not self.run:
            return False
        until = self.run.state.state_details.pause_timeout if self.run.state else None
        return until is None or until > datetime.now(UTC)


def lives(process: str | None) -> bool:
    """Is there such a process on this machine?"""
    try:
        os.kill(int(process or ""), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


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


def all_suspended(client: SyncPrefectClient, run_ids: Sequence[str]) -> bool:
    """Do they all rest? A count, which costs the server a fraction of the runs themselves."""
    asked = FlowRunFilterId(any_=[UUID(run_id) for run_id in run_ids])
    return _resting(client, asked) == len(run_ids)


def resting_number(client: SyncPrefectClient) -> int:
    """How many runs of cases rest in all, at the same cost whatever their number."""
    return _resting(client, None)


def _resting(client: SyncPrefectClient, ids: FlowRunFilterId | None) -> int:
    paused = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    return client.count_flow_runs(flow_run_filter=FlowRunFilter(id=ids, state=paused))


def waits_to_start(client: SyncPrefectClient, name_of_deployment: str) -> bool:
    """Is a run of this deployment (`flow/deployment`) scheduled that no worker has taken yet?"""
    flow, _, deployment = name_of_deployment.partition("/")
    runs = client.count_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
        ),
    )
    return runs > 0


def any_ended(client: SyncPrefectClient, run_ids: Sequence[str]) -> bool:
    """Has one of them come to its end? A count, as above."""
    ended = [kind for kind, standing in STANDINGS.items() if standing is Standing.ENDED]
    wanted = FlowRunFilter(
        id=FlowRunFilterId(any_=[UUID(run_id) for run_id in run_ids]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=ended)),
    )
    return client.count_flow_runs(flow_run_filter=wanted) > 0


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


def give_up(client: SyncPrefectClient, run_id: str) -> None:
    """Tell Prefect that a run is dead; if it lives it finds another in its place, and ends."""
    with suppress(ObjectNotFound):
        client.set_flow_run_state(
            UUID(run_id), Crashed(message="no sign of life: another run took over"), force=True
        )


def bury(client: SyncPrefectClient, run_id: str) -> None:
    """Its process is gone: crashed, unless it had come to an end or to rest before."""
    run = look_at(client, run_id).run
    kind = run.state.type if run and run.state else None
    if kind in (StateType.PENDING, StateType.RUNNING):
        give_up(client, run_id)
    elif kind is StateType.CANCELLING:
        client.set_flow_run_state(
            UUID(run_id), Cancelled(message="cancelled; its worker is gone"), force=True
        )


def given(client: SyncPrefectClient, run_id: str, wait_key: str) -> decisions.Decision | None:
    """What was entered in the form of this wait of a run; None where nothing was."""
    response = keyset_from_base_key(f"suspended-{wait_key}")["response"]
    try:
        entered = Decision.model_validate_json(client.read_flow_run_input(UUID(run_id), response))
    except PrefectHTTPStatusError as error:
        if error.response.status_code != 404:
            raise
        return None
    except ValidationError:
        return None
    return decisions.Decision(decisions.Choice(entered.decision), entered.by, entered.slot)


def marker_stands(client: SyncPrefectClient, installation: str) -> bool:
    """Is this the Prefect database we registered with, or was it lost and made anew?"""
    known = client.read_variable_by_name(MARKER)
    return known is not None and known.value == installation
