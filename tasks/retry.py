"""The retry rule: reads of a vendor are repeated briefly and visibly, creates never.

The ledger is waited for while its server starts again.
"""

import functools
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from connectors.errors import ConnectorError
from rebook.db.session import AWAY
from rebook.settings import settings

P = ParamSpec("P")
R = TypeVar("R")


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Is this a fault that may be gone in a moment?"""
    error = state.result(raise_on_failure=False)
    return isinstance(error, ConnectorError) and error.retryable


VENDOR_READ: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 5, 20],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": may_pass,
}


def through_restarts(act: Callable[P, R]) -> Callable[P, R]:
    """Repeat what the ledger could not do, for as long as a lease lasts."""

    @functools.wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        end = time.monotonic() + settings().lease_seconds
        while time.monotonic() < end:
            try:
                return act(*args, **kwargs)
            except AWAY:
                time.sleep(0.5)
        return act(*args, **kwargs)

    return run
