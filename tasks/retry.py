"""The retry rule: reads of a vendor are repeated briefly and visibly, creates never."""

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from connectors.errors import ConnectorError


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
