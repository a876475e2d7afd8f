"""A Prefect worker that keeps our flows loaded: each run is a thread of it, not a new process.

Start it with `prefect worker start --type rebook --pool rebook`; `rebook up` does.
"""

import asyncio
import os
import secrets
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import anyio.abc
import psycopg
from prefect import Flow
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import Abort, ObjectNotFound
from prefect.states import AwaitingRetry, Cancelled, Crashed, Pending
from prefect.workers.base import BaseJobConfiguration, BaseWorker, BaseWorkerResult

from runtime import hearing
from runtime.entrypoints import load

DEFAULT_LIMIT = 8
PATIENCE_SECONDS = 8.0
"""How long runs have to reach the end of a step when the worker is told to stop."""
LAST_SECONDS = 1.5
"""After that, for logs and events to leave; then the process is gone in any case."""
STOPPING = "told to stop: no new runs, those under way end at their next step"
GATHER_SECONDS, BUSY_SECONDS = 0.05, 2.5
"""How long an idle worker and a full one gather words of new runs: each look costs Prefect as much as
a change of state."""
WAKE_CHANNEL = "rebook_runs"


class Result(BaseWorkerResult):
    """How a run of ours ended, for the base class."""


class Worker(BaseWorker[BaseJobConfiguration, Any, Result]):
    """Runs flows of this installation in threads. Its pool may be of any type."""

    type = "rebook"
    job_configuration = BaseJobConfiguration
    _description = "Runs Rebook's flows in a process that stays: no start-up for each run."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["limit"] = kwargs.get("limit") or DEFAULT_LIMIT
        super().__init__(*args, **kwargs)
        self._flows: dict[UUID, Flow[..., Any]] = {}
        self._running: set[UUID] = set()
        self._stopping = False
        self._threads: ThreadPoolExecutor | None = None
        self._background: list[asyncio.Task[None]] = []
        self._number = secrets.randbits(62)
        self._looks, self._ended = asyncio.Event(), asyncio.Event()
        self._more = False

    async def setup(self) -> None:
        from runtime import prefect_inside

        prefect_inside.prepare_process()
        self._threads = ThreadPoolExecutor(
            self._limit, "run", initializer=prefect_inside.prepare_thread
        )
        await super().setup()
        self._watch = await self._exit_stack.enter_async_context(
            prefect_inside.watching(self._cancelled)
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop)
        self._background += [loop.create_task(self._listen()), loop.create_task(self._look())]

    async def teardown(self, *exc_info: Any) -> None:
        for task in self._background:
            task.cancel()
        await super().teardown(*exc_info)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,  # noqa: ARG002 - the base class names it
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> Result:
        """As the base class calls it; our own way is `_submit_run`."""
        if task_status is not None:
            task_status.started(os.getpid())
        await self._work(flow_run)
        return Result(identifier=str(os.getpid()), status_code=0)

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        return [] if self._stopping else await super().get_and_submit_flow_runs()

    async def _get_scheduled_flow_runs(self) -> list[WorkerFlowRunResponse]:
        """As many as there is room for: a storm's runs would be sent whole with every look."""
        from runtime import claiming, prefect_inside

        room = int(self.limiter.available_tokens)
        asked = room + len(self._running) if room else 0
        found = await prefect_inside.scheduled(self.client, self._work_pool_name, asked)
        new = [one for one in found if one.flow_run.id not in self._running]
        free = await asyncio.to_thread(claiming.free, new, self._number) if new else []
        self._more = room == 0 or len(free) > room or len(found) == asked
        return free[:room]

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Claim the run by making it Pending, then work it: two calls less than ten."""
        from runtime import claiming

        self._running.add(flow_run.id)
        try:
            if await asyncio.to_thread(claiming.mark, flow_run.id, self._number):
                try:
                    if await self._claim(flow_run):
                        await self._work(flow_run)
                finally:
                    await asyncio.to_thread(claiming.unmark, flow_run.id, self._number)
        finally:
            self._let_go(flow_run.id)
            self._release_limit_slot(flow_run.id)
            if self._more:
                self._looks.set()

    def _let_go(self, flow_run_id: UUID) -> None:
        self._running.discard(flow_run_id)
        self._ended.set()
        self._submitting_flow_run_ids.discard(flow_run_id)
        if self._cancelling_observer is not None:
            self._cancelling_observer.remove_in_flight_flow_run_id(flow_run_id)

    async def _claim(self, flow_run: FlowRun) -> bool:
        """False where another worker was faster, or the run was cancelled meanwhile."""
        from runtime import prefect_inside

        try:
            flow_run.state = await prefect_inside.propose(self.client, Pending(), flow_run.id)
        except Abort:
            return False
        except Exception as error:
            self._logger.warning("a run was not claimed: %s", type(error).__name__)
            return False
        return flow_run.state.is_pending()

    async def _work(self, flow_run: FlowRun) -> None:
        from tasks import interrupts

        flow = await self._flow_of(flow_run)
        if flow is None:
            return
        self._watch.begin(flow_run.id)
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, self._execute, flow, flow_run)
        except interrupts.Interrupted:
            await self._interrupted(flow_run)
        except Abort:
            await self._aborted(flow_run.id)
        finally:
            self._watch.end(flow_run.id)
            interrupts.forget(str(flow_run.id))

    def _execute(self, flow: Flow[..., Any], flow_run: FlowRun) -> None:
        from rebook.db.session import AWAY, ledger
        from rebook.services import attention
        from runtime import prefect_inside

        if prefect_inside.run(flow, flow_run):
            with suppress(*AWAY), ledger() as session:
                attention.run_suspended(session, str(flow_run.id))

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any] | None:
        """The deployment's flow, loaded once. A deployment that is not ours crashes its run."""
        found = self._flows.get(flow_run.deployment_id) if flow_run.deployment_id else None
        if found is not None:
            return found
        try:
            if flow_run.deployment_id is None:
                raise ImportError("it has no deployment")
            deployment = await self.client.read_deployment(flow_run.deployment_id)
            self._flows[flow_run.deployment_id] = found = load(deployment.entrypoint or "")
        except (ImportError, AttributeError, ObjectNotFound) as error:
            message = f"This worker runs Rebook's own deployments only ({error})"
            await self._set(flow_run.id, Crashed(message=message))
        return found

    async def _interrupted(self, flow_run: FlowRun) -> None:
        """Between two steps: cancelled by somebody, or handed to whoever works on."""
        if self._stopping:
            await self._set(flow_run.id, AwaitingRetry(message="Its worker was told to stop."))
        else:
            await self._set(flow_run.id, Cancelled(message="Cancelled between two steps."))

    async def _aborted(self, flow_run_id: UUID) -> None:
        """Another start of it goes on, or it was cancelled before its first step."""
        with suppress(ObjectNotFound):
            state = (await self.client.read_flow_run(flow_run_id)).state
            if state is not None and state.type is StateType.CANCELLING:
                await self._set(flow_run_id, Cancelled(message="Cancelled before its first step."))

    async def _set(self, flow_run_id: UUID, state: Any) -> None:
        with suppress(ObjectNotFound):
            await self.client.set_flow_run_state(flow_run_id, state, force=True)

    def _cancelled(self, flow_run_id: UUID) -> None:
        from tasks import interrupts

        interrupts.ask(str(flow_run_id))

    def _told_to_stop(self) -> None:
        """No new runs; those under way end at their next step; the process ends within ten seconds."""
        if self._stopping:
            return
        self._stopping = True
        self._logger.info(STOPPING)
        self._background.append(asyncio.get_running_loop().create_task(self._stop()))

    async def _stop(self) -> None:
        from tasks import interrupts

        for flow_run_id in self._running:
            interrupts.ask(str(flow_run_id))
        with anyio.move_on_after(PATIENCE_SECONDS):
            while self._running:
                await asyncio.sleep(0.05)
        last = threading.Timer(LAST_SECONDS, os._exit, [0])
        last.daemon = True
        last.start()
        await asyncio.get_running_loop().run_in_executor(None, _flush)
        os._exit(0)

    async def _listen(self) -> None:
        """Look for runs at once when there is word of new ones, and when words may have been missed."""
        from rebook.db.session import ledger_url
        from rebook.services import claims

        url = ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stopping:
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as ears:
                    await ears.execute(claims.HOLD, [self._number])
                    await ears.execute(f"LISTEN {WAKE_CHANNEL}")
                    self._looks.set()
                    await hearing.hear_on(ears, self._called)
            await asyncio.sleep(1)

    def _called(self, place: str) -> None:
        if place == str(behind(self.name)):
            self._looks.set()

    async def _look(self) -> None:
        """Whenever there may be something to do; words that come together are one look.

        The first worker hears of it, and passes on what it has no room for.
        """
        from runtime import claiming

        while not self._stopping:
            await self._looks.wait()
            await self._gather()
            self._looks.clear()
            try:
                await self.get_and_submit_flow_runs()
                if self._more:
                    await asyncio.to_thread(claiming.pass_on, behind(self.name) + 1)
            except Exception as error:
                self._logger.warning("looking for runs: %s", type(error).__name__)

    async def _gather(self) -> None:
        """Longer the fuller this worker is; each run that ends meanwhile makes it shorter."""
        began = time.monotonic()
        while (rest := began + self._gather_seconds() - time.monotonic()) > 0:
            self._ended.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), rest)

    def _gather_seconds(self) -> float:
        return GATHER_SECONDS + BUSY_SECONDS * len(self._running) / (self._limit or 1)


def behind(name: str) -> int:
    """How many workers come before this one: `rebook-2` has one."""
    number = name.rpartition("-")[2]
    return max(0, int(number) - 1) if number.isdigit() and len(number) < 4 else 0


def _flush() -> None:
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogHandler

    APILogHandler().flush()
    EventsWorker.drain_all(timeout=LAST_SECONDS)
