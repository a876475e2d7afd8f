"""The bridge from the ledger to Prefect: it starts the reading of the inbox, wakes cases, and repairs.

One leader by advisory lock. It decides nothing about a case, and it survives Prefect being away.
"""

import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import psycopg
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectException

from blocks import ledger_copy
from rebook.db.locks import Lock
from rebook.db.session import AWAY, call_workers, ledger, ledger_url
from rebook.domain import clock
from rebook.failpoints import fp
from rebook.services import anchors, attention, audit, claims, installation
from rebook.settings import settings
from runtime import prefect_api
from runtime.hearing import hear
from runtime.logs import configure
from runtime.prefect_api import resting_number
from runtime.reader import reading
from runtime.repair import bury, go_round, lapsed_case, wake_case
from tasks.case_runs import create_run, start_case_run
from tasks.names import INBOX_FLOW, INBOX_RUN
from tasks.step import StepFault
from tasks.unattended import NOBODY

GONE_SECONDS = 3.0
"""A worker whose connection broke is back with its lock within a second."""
PAGE_SECONDS = 30.0
GATHER_SECONDS = 0.02
"""What is told within this time of the first word is one tick."""
log = logging.getLogger("rebook.dispatcher")


class Dispatcher:
    """One look at everything that is due: `tick`."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self._client = client
        self._next_copy = 0.0
        self._copied = ""
        self._next_round = 0.0
        self._next_page = 0.0
        self._round_at = ""
        self._missed: dict[str, float] = {}
        with ledger() as session:
            self._installation = installation.installation_id(session)

    def tick(self) -> None:
        """Each part on its own: what fails is tried again at the next tick."""
        for part in self._parts():
            attempt(part)

    def _parts(self) -> tuple[Callable[[], None], ...]:
        repairs = (self._start, self._wake, self._mend, self._go_round, self._bury_claimed)
        return (self._inbox, *repairs, self._seal, self._copy)

    def _inbox(self) -> None:
        with ledger() as session:
            waiting = attention.oldest_waiting(session)
            unattended = attention.unattended_due(session, NOBODY)
        if waiting is not None:
            age = (clock.now() - waiting.received_at).total_seconds()
            self._read_inbox(f"inbox:{waiting.id}:{_turn(age)}")
        elif unattended:
            self._read_inbox(f"unattended:{unattended[0]}:{int(clock.now().timestamp() // 60)}")

    def _read_inbox(self, key: str) -> None:
        """One run for each oldest row; another a while later, should that one have died.

        None while one waits to be started: with the work pool paused they would pile up.
        """
        if prefect_api.waits_to_start(self._client, INBOX_FLOW):
            return
        create_run(self._client, INBOX_FLOW, name=INBOX_RUN, idempotency_key=key, tags=["inbox"])
        with ledger() as session:
            call_workers(session)

    def _start(self) -> None:
        with ledger() as session:
            waiting = attention.without_run(session)
        for case_id in waiting:
            fp("dispatcher.before_create")
            start_case_run(self._client, case_id)
            fp("dispatcher.after_create")

    def _wake(self) -> None:
        with ledger() as session:
            due = attention.to_wake(session, NOBODY)
        for case_id, run_id in due:
            wake_case(self._client, self._installation, case_id, run_id)

    def _mend(self) -> None:
        with ledger() as session:
            lapsed = attention.lapsed(session, NOBODY)
        for case_id, run_id in lapsed:
            lapsed_case(self._client, self._installation, case_id, run_id)

    def _go_round(self) -> None:
        """Nothing tells us of a run that was cancelled or deleted. A count that is right is enough;
        now and then the cases that wait are looked at all the same, a page at a time."""
        now = time.monotonic()
        if now < self._next_round:
            return
        self._next_round = now + settings().round_seconds
        with ledger() as session:
            waiting = attention.parked_number(session, NOBODY)
            acting = attention.acting(session, NOBODY)
        if waiting and (now >= self._next_page or waiting != resting_number(self._client)):
            self._next_page = now + PAGE_SECONDS
            self._look_at_a_page()
        bury(self._client, self._installation, acting)

    def _look_at_a_page(self) -> None:
        with ledger() as session:
            parked = attention.parked_after(session, NOBODY, self._round_at)
        self._round_at = parked[-1][0] if parked else ""
        go_round(self._client, self._installation, parked)

    def _bury_claimed(self) -> None:
        """Runs whose worker has been gone for a while: Prefect would show them running for ever."""
        with ledger() as session:
            dead = claims.dead(session)
        self._missed = {run: self._missed.get(run, time.monotonic()) for run in dead}
        for run_id, since in self._missed.items():
            if time.monotonic() - since < GONE_SECONDS:
                continue
            prefect_api.bury(self._client, run_id)
            log.info("run %s: its worker is gone", run_id)
            with ledger() as session:
                claims.drop(session, run_id)

    def _seal(self) -> None:
        with ledger() as session:
            head = audit.seal(session)
        if head is not None:
            anchors.append(*head)

    def _copy(self) -> None:
        if time.monotonic() >= self._next_copy:
            self._next_copy = time.monotonic() + settings().block_sync_seconds
            saved = ledger_copy.read(self._client)
            if saved.digest == self._copied:
                return
            for changed in ledger_copy.copy(saved):
                log.info("copied to the ledger: %s", changed)
            self._copied = saved.digest


def _turn(age_seconds: float) -> int:
    """A new key after 1, 3, 7 and 15 leases, then every 15: a slow run has time, a dead one a heir."""
    leases = age_seconds / max(settings().lease_seconds, 15)
    return int(math.log2(leases + 1)) if leases < 15 else 3 + int(leases // 15)


def attempt(part: Callable[[], None]) -> None:
    """What is away now will be back: Prefect for a day, the database for a moment."""
    try:
        part()
    except (httpx.HTTPError, PrefectException) as error:
        log.warning("%s: Prefect did not do it (%s)", part.__name__, type(error).__name__)
    except AWAY:
        log.warning("%s: the ledger is away", part.__name__)
    except Exception as error:
        log.error("%s: %s", part.__name__, StepFault(error))


@contextmanager
def leadership(stopped: threading.Event) -> Iterator[psycopg.Connection]:
    """Wait to be the only dispatcher; the lock goes with its connection."""
    url = ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        while not stopped.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", [Lock.LEADER]).fetchone()
            if row and row[0]:
                break
            stopped.wait(1)
        connection.execute("LISTEN rebook_cases")
        yield connection


def lead(stopped: threading.Event) -> None:
    """Tick until stopped or until the leadership's connection breaks."""
    with (
        leadership(stopped) as connection,
        get_client(sync_client=True) as client,
        reading(stopped),
    ):
        dispatcher = Dispatcher(client)
        log.info("leading")
        while not stopped.is_set():
            dispatcher.tick()
            if hear(connection, settings().dispatch_seconds):
                time.sleep(GATHER_SECONDS)
                hear(connection, 0)


def main() -> None:
    configure()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            lead(stopped)
        except (psycopg.Error, *AWAY, httpx.HTTPError) as error:
            log.warning("starting over: %s", type(error).__name__)
            stopped.wait(1)


if __name__ == "__main__":
    main()
