"""All that our worker takes from inside Prefect. Proven on one version, which a test names.

A new version of Prefect: run the worker's tests, read what changed in the names imported here.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any
from uuid import UUID

from prefect import Flow, flow_engine
from prefect._flow_run_suspension import mark_flow_run_suspension_requested
from prefect._internal.observers import FlowRunSuspendingObserver
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.objects import State as PrefectState
from prefect.context import SyncClientContext
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow_sync
from prefect.utilities.engine import propose_state

PROVEN_ON = "3.8.8"

State = PrefectState[Any]


def prepare_process() -> None:
    """Once, before the first run: the engine's observer for each run gives way to one for all.

    Its own starts a thread, an event loop and a connection for every run.
    """
    vars(flow_engine)["observe_flow_run_suspension"] = lambda *_: nullcontext()


def prepare_thread() -> None:
    """Once in each thread that runs flows: its runs share one connection to the server."""
    SyncClientContext().__enter__()


def run(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Run a flow to its end in this thread. What it raised is in its state, except `Abort`."""
    try:
        run_flow_sync(flow, flow_run=flow_run, parameters=flow_run.parameters)
    except Pause:
        return
    except Abort:
        raise
    except Exception:
        return


async def propose(client: PrefectClient, state: State, flow_run_id: UUID) -> State:
    """Ask the server for a state; raises `Abort` where it refuses."""
    return await propose_state(client, state, flow_run_id=flow_run_id)


@asynccontextmanager
async def suspensions() -> AsyncIterator[tuple[Callable[[UUID], None], Callable[[UUID], None]]]:
    """Notices runs that are suspended in the UI; gives how to begin and to end watching a run."""

    def noticed(flow_run_id: UUID, state: State) -> None:
        mark_flow_run_suspension_requested(flow_run_id, state)

    async with FlowRunSuspendingObserver(on_suspended=noticed) as observer:
        yield observer.add_in_flight_flow_run_id, observer.remove_in_flight_flow_run_id
