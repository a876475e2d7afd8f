"""A step that lasts is told of when it begins; a short one once, when it has ended.

Each event costs Prefect's server as much as a request: four of its services read every one.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect.events import Event

LASTS_SECONDS, LOOK_SECONDS = 1.0, 0.25
Tell = Callable[..., Event | None]
log = logging.getLogger("rebook.worker")


@dataclass(frozen=True)
class Beginning:
    """Of a step that has begun and that nobody was told of."""

    at: float
    context: Context
    change: dict[str, Any]


class Telling:
    """Stands where the engine tells of each change of a step's state."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._begun: dict[UUID, Beginning] = {}
        self._told: dict[UUID, Event | None] = {}
        self._lock = threading.Lock()

    def __call__(self, **change: Any) -> Event | None:
        step, before, after = change["task_run"], change["initial_state"], change["validated_state"]
        if before is None and after.is_pending():
            return None
        if before is not None and before.is_pending() and after.is_running():
            kept = {**change, "task_run": step.model_copy()}
            with self._lock:
                self._begun[step.id] = Beginning(time.monotonic(), copy_context(), kept)
            return None
        with self._lock:
            self._begun.pop(step.id, None)
            told = self._told.pop(step.id, None)
        return self._tell(**({**change, "follows": told} if told else change))

    def look(self) -> None:
        """Tell of those that have lasted."""
        long_ago = time.monotonic() - LASTS_SECONDS
        with self._lock:
            for step_id, begun in list(self._begun.items()):
                if begun.at <= long_ago:
                    del self._begun[step_id]
                    self._told[step_id] = begun.context.run(self._tell, **begun.change)

    def go_on_looking(self) -> None:
        def for_ever() -> None:
            while True:
                time.sleep(LOOK_SECONDS)
                try:
                    self.look()
                except Exception as error:
                    log.warning("the beginning of a step was not told: %s", type(error).__name__)

        threading.Thread(target=for_ever, name="telling", daemon=True).start()
