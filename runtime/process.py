"""One supervised process: what it is (`ProcessSpec`) and how it fares (`Child`)."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from runtime.launch import launcher, open_log
from runtime.sweep import MARK

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
SETTLED_SECONDS = 30.0
LOG_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """`command` holds no secret: everybody on the machine can read it. `env` is all it gets.
    Ready is what has said `says` since its start, if that is given, and passes `ready`."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    after: tuple[str, ...] = ()
    once: bool = False
    says: str = ""
    ready: Callable[[], bool] = lambda: True
    prepare: Callable[[], None] = lambda: None
    when_ready: Callable[[], None] = lambda: None
    after_end: Callable[[], None] = lambda: None
    cwd: Path | None = None
    user: str | None = None
    niceness: int = 0
    ready_seconds: float = 120.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 5.0
    death_signal: signal.Signals = signal.SIGKILL


class Fare(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"


@dataclass
class Child:
    """A spec and its present process. `restarts` counts how often it died while wanted."""

    spec: ProcessSpec
    folder: Path
    fare: Fare = Fare.WAITING
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    not_before: float = 0.0
    _pause: float = field(default=FIRST_PAUSE, repr=False)
    _log_start: int = field(default=0, repr=False)

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.spec.name}.log"

    @property
    def settled(self) -> bool:
        return self.fare in (Fare.READY, Fare.DONE)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.spec.prepare()
        self._rotate_log()
        with open_log(self.log) as log:
            self._log_start = log.tell()
            self.process = subprocess.Popen(
                [*self._launcher(), *self.spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                cwd=self.spec.cwd,
                start_new_session=True,
            )
        self.started_at = time.monotonic()
        self.fare = Fare.STARTING

    def _launcher(self) -> list[str]:
        return launcher(self.spec.death_signal, self.spec.user, self.spec.niceness)

    def look(self) -> None:
        """From STARTING to READY when its check passes."""
        if self.fare is not Fare.STARTING or self.spec.once:
            return
        if self._said(self.spec.says) and self.spec.ready():
            self.spec.when_ready()
            self.fare = Fare.READY

    def bury(self) -> int | None:
        """The exit code of a process that has just ended, its group ended with it."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.end_group()
        self.process = None
        return code

    def start_again_later(self) -> None:
        if time.monotonic() - self.started_at > SETTLED_SECONDS:
            self._pause = FIRST_PAUSE
        self.restarts += 1
        self.fare = Fare.WAITING
        self.not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.running:
            self.process.send_signal(self.spec.stop_signal)

    def end_group(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def last_lines(self, count: int = 15) -> list[str]:
        with suppress(FileNotFoundError):
            return self.log.read_text(errors="replace").splitlines()[-count:]
        return []

    def _said(self, words: str) -> bool:
        if not words:
            return True
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return words.encode() in log.read()

    def _environment(self) -> dict[str, str]:
        """Marked for the sweep, except what ends itself in order when we die."""
        swept = self.spec.death_signal is signal.SIGKILL
        return {**self.spec.env, **({MARK: str(self.folder)} if swept else {})}

    def _rotate_log(self) -> None:
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
