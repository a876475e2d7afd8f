"""All that our worker takes from inside Prefect. Proven on one version, which a test names.

A new version of Prefect: run the worker's tests, read what changed in the names imported here.
"""

import gc
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from httpx import HTTPStatusError
from prefect import Flow, flow_engine, results, task_engine
from prefect._flow_run_suspension import mark_flow_run_suspension_requested
from prefect._internal._logging import SafeLogger
from prefect._internal.observers import (
    FlowRunCancellingObserver,
    FlowRunSuspendingObserver,
    _SuspensionWatch,
)
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.objects import State as PrefectState
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.context import FlowRunContext, SyncClientContext
from prefect.events import Event, clients
from prefect.events.related import object_as_related_resource
from prefect.events.worker import EventsWorker
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow_sync
from prefect.logging.handlers import PrefectConsoleHandler
from prefect.settings import PREFECT_LOGGING_INTERNAL_LEVEL
from prefect.utilities.engine import emit_task_run_state_change_event, propose_state

from runtime.lean import YOUNG_OBJECTS
from runtime.telling import Telling
from tasks import interrupts

PROVEN_ON = "3.8.8"

State = PrefectState[Any]


def prepare_process() -> None:
    """Once, before the first run: the engine's observer for each run gives way to one for all.

    Its own starts a thread, an event loop and a connection for every run. Where results would be kept
    is not asked either, twice a run and on a new connection each time: our flows keep none. A heartbeat
    would be a thread a run as well: our claims and leases say sooner who is dead. Events name their
    run alone, since Prefect writes a row for each name in an event, and travel as they are: to
    press them takes longer than to send them through a socket of this machine. Prefect's logger of its
    own threads looks its level up once.
    """
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    vars(flow_engine)["observe_flow_run_suspension"] = lambda *_: nullcontext()
    vars(flow_engine)["_send_heartbeats"] = lambda *_, **__: nullcontext()
    telling = Telling(emit_task_run_state_change_event)
    telling.go_on_looking()
    vars(task_engine)["emit_task_run_state_change_event"] = telling
    vars(results)["_read_server_default_result_storage_block_id"] = lambda: None
    _instead(EventsWorker, "attach_related_resources_from_context", _say_which_run)
    names = vars(clients)
    names["websocket_connect"] = partial(names["websocket_connect"], compression=None)
    level = logging.getLevelNamesMapping()[PREFECT_LOGGING_INTERNAL_LEVEL.value()]
    _instead(SafeLogger, "isEnabledFor", lambda _, asked: asked >= level)
    _write_lines_plainly()


def _instead(owner: Any, name: str, ours: Callable[..., Any]) -> None:
    setattr(owner, name, ours)


_about_everything = EventsWorker.attach_related_resources_from_context


async def _say_which_run(worker: EventsWorker, event: Event) -> None:
    """Flow, deployment, queue, pool and tags are those of the run."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        await _about_everything(worker, event)
    else:
        event.related.append(object_as_related_resource("flow-run", "flow-run", context.flow_run))


def _write_lines_plainly() -> None:
    """Lines for a file need no terminal's colours, which cost more than the rest of a line."""
    names = [None, *logging.root.manager.loggerDict]
    for logger in map(logging.getLogger, names):
        for handler in logger.handlers:
            if isinstance(handler, PrefectConsoleHandler) and not handler.stream.isatty():
                _instead(handler, "emit", partial(logging.StreamHandler.emit, handler))


def prepare_thread() -> None:
    """Once in each thread that runs flows: its runs share one connection to the server.

    Through it the engine would write every run's retry policy back as it was read, and read the run
    again that it has just set Running.
    """
    client = SyncClientContext().__enter__().client
    vars(client)["update_flow_run"] = lambda **_: None
    read = client.read_flow_run
    vars(client)["read_flow_run"] = lambda flow_run_id: (
        _just_begun(flow_run_id) or read(flow_run_id)
    )


_begun = threading.local()


def _just_begun(flow_run_id: UUID) -> FlowRun | None:
    """The run that this thread has set Running, as the server has it since, to whoever asks first."""
    flow_run: FlowRun | None = vars(_begun).pop("flow_run", None)
    if flow_run is None or flow_run.id != flow_run_id:
        return None
    flow_run.run_count += 1
    return flow_run


def run(flow: Flow[..., Any], flow_run: FlowRun) -> bool:
    """Run a flow to its end in this thread; True where it suspended, its form written.

    What it raised is in its state, except `Abort`.
    """
    _begun.flow_run = flow_run
    try:
        run_flow_sync(flow, flow_run=flow_run, parameters=flow_run.parameters)
    except Pause:
        return True
    except Abort:
        raise
    except Exception:
        return False
    return False


async def propose(client: PrefectClient, state: State, flow_run_id: UUID) -> State:
    """Ask the server for a state; raises `Abort` where it refuses."""
    return await propose_state(client, state, flow_run_id=flow_run_id)


async def scheduled(client: PrefectClient, pool: str, limit: int) -> list[WorkerFlowRunResponse]:
    """The next runs of a pool; Prefect's own method knows no limit. None where there is no pool yet."""
    if limit == 0:
        return []
    body = {"scheduled_before": datetime.now(UTC).isoformat(), "limit": limit}
    place: Any = "/work_pools/{name}/get_scheduled_flow_runs"
    try:
        answer = await client.request("POST", place, path_params={"name": pool}, json=body)
    except HTTPStatusError as error:
        if error.response.status_code == 404:
            return []
        raise
    return WorkerFlowRunResponse.model_validate_list(answer.json())


class SuspensionWatch(_SuspensionWatch):
    """Of a suspension it reads the run to see whether it still holds: not of one that is the run's own."""

    def observe(self, state_id: UUID, occurred: datetime) -> None:
        if not interrupts.rests(str(self.flow_run_id)):
            super().observe(state_id, occurred)


class SuspendingObserver(FlowRunSuspendingObserver):
    def _create_watch(self, flow_run_id: UUID) -> SuspensionWatch:
        made = super()._create_watch(flow_run_id)
        return SuspensionWatch(made.flow_run_id, made._client, made._on_suspended, made._logger)


@dataclass(frozen=True)
class Watch:
    """Hears when an operator cancels or suspends one of the runs under way, within a second."""

    cancelling: FlowRunCancellingObserver
    suspending: FlowRunSuspendingObserver

    def begin(self, flow_run_id: UUID) -> None:
        self.cancelling.add_in_flight_flow_run_id(flow_run_id)
        self.suspending.add_in_flight_flow_run_id(flow_run_id)

    def end(self, flow_run_id: UUID) -> None:
        self.cancelling.remove_in_flight_flow_run_id(flow_run_id)
        self.suspending.remove_in_flight_flow_run_id(flow_run_id)


@asynccontextmanager
async def watching(cancelled: Callable[[UUID], None]) -> AsyncIterator[Watch]:
    """One subscription for all runs. A suspended run ends by itself at its next step."""

    def suspended(flow_run_id: UUID, state: State) -> None:
        mark_flow_run_suspension_requested(flow_run_id, state)

    async with (
        FlowRunCancellingObserver(
            on_cancelling=lambda flow_run_id: cancelled(flow_run_id)
        ) as cancelling,
        SuspendingObserver(on_suspended=suspended) as suspending,
    ):
        yield Watch(cancelling, suspending)
