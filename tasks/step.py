"""A step an operator sees. What goes wrong in it reaches Prefect as a type and a place, never as data."""

import functools
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import task

from connectors.errors import ConnectorError
from rebook.services.cases import CaseChanged
from rebook.services.leases import NotOurs
from tasks import interrupts

P = ParamSpec("P")
R = TypeVar("R")

CLEAN = (ConnectorError, NotOurs, CaseChanged)
"""Errors whose texts are ours and hold ids and fixed words only."""


class StepFault(Exception):
    """Something unforeseen; its own words may quote a client and are left out."""

    def __init__(self, error: BaseException) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        super().__init__(f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}")
        self.kind = type(error).__name__


def step(name: str, **options: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A Prefect task called `name` (fields of the call in braces), without stored results.

    It does not begin in a run that was asked to stop.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        made = task(task_run_name=name, persist_result=False, **options)(clean(function))

        @functools.wraps(function)
        def begin(*args: P.args, **kwargs: P.kwargs) -> R:
            interrupts.check()
            result: R = made(*args, **kwargs)
            return result

        return begin

    return decorate


def clean(function: Callable[P, R]) -> Callable[P, R]:
    """Let clean errors pass; turn any other into a `StepFault` without its words."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except CLEAN:
            raise
        except Exception as error:
            raise StepFault(error) from None

    return run
