"""Runs that were asked to stop: the next step of theirs does not begin.

A worker that keeps many runs in one process cannot end one by a signal; it asks here.
"""

from prefect.exceptions import Abort
from prefect.runtime import flow_run

_asked: set[str] = set()
_resting: set[str] = set()


class Interrupted(Abort):
    """The run ends between two steps; whoever asked decides its state."""


def ask(run_id: str) -> None:
    _asked.add(run_id)


def forget(run_id: str) -> None:
    _asked.discard(run_id)
    _resting.discard(run_id)


def rest(run_id: str) -> None:
    """The run is about to suspend by itself: nobody need look into why it is suspended."""
    _resting.add(run_id)


def go_on(run_id: str) -> None:
    _resting.discard(run_id)


def rests(run_id: str) -> bool:
    return run_id in _resting


def check() -> None:
    """Raises `Interrupted` in a run that was asked to stop."""
    if _asked and flow_run.get_id() in _asked:
        raise Interrupted("the run was asked to stop")
