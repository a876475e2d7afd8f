"""What one reading of an account costs: seconds, memory, requests, transactions and statements a row."""

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import event

from rebook.db.session import engine, ledger
from rebook.services import connections
from rebook.services.connections import Account as Known
from tasks import changes
from tests.connectors.kits import KITS
from tests.connectors.vendor import Reply, Vendor
from tests.polling.big import Account

ROOT = Path(__file__).resolve().parents[2]
read = cast(Callable[[str], list[str]], cast(Any, changes.store_changes).__wrapped__)
"""The step without Prefect around it."""


ALONE = """
import sys
from tests.polling.measure import read
read(sys.argv[1])
"""


@dataclass
class Reading:
    seconds: float
    cpu: float
    """Of this process: the reading, the storing, and the account that is read. PostgreSQL's is not in it."""
    requests: int
    transactions: int
    statements: int
    opened: int
    peak_mib: float
    """Of the whole process, the account that is read included."""


@contextmanager
def connected(account: Account) -> Iterator[Vendor]:
    """The account behind a server, and its connection in the ledger, named like its platform."""
    vendor = Vendor()

    def answer(request: Any) -> Reply:
        vendor.received.clear()
        return account.answer(request)

    vendor.answer = answer
    kit = KITS[account.slug]
    filled = {name: value.format(url=vendor.url) for name, value in kit.settings.items()}
    settings = {**filled, **account.settings, "per_second": "100000"}
    known = Known(account.slug, account.slug, vendor.url + kit.path, settings, {**kit.credentials})
    with ledger() as session:
        connections.store(session, known, door_secrets=["none"])
    try:
        yield vendor
    finally:
        vendor.close()


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    counts = {"statements": 0, "commits": 0}

    def on_statement(*_: Any) -> None:
        counts["statements"] += 1

    def on_commit(*_: Any) -> None:
        counts["commits"] += 1

    event.listen(engine(), "before_cursor_execute", on_statement)
    event.listen(engine(), "commit", on_commit)
    try:
        yield counts
    finally:
        event.remove(engine(), "before_cursor_execute", on_statement)
        event.remove(engine(), "commit", on_commit)


def reading(account: Account) -> Reading:
    before, began, worked = account.requests, time.perf_counter(), time.process_time()
    with counted() as counts:
        opened = read(account.slug)
    return Reading(
        round(time.perf_counter() - began, 2),
        round(time.process_time() - worked, 2),
        account.requests - before,
        counts["commits"],
        counts["statements"],
        len(opened),
        round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    )


def killed(account: Account, after: int) -> None:
    """Another process reads, and is killed when it asks for the first time after `after` requests."""
    reader = subprocess.Popen([sys.executable, "-c", ALONE, account.slug], cwd=ROOT)
    account.stops_at, account.stop = account.requests + after + 1, reader.kill
    assert reader.wait() == -signal.SIGKILL
    account.stops_at = 0
