"""Stops what `rebook up` started in a folder, also when its supervisor was killed."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from runtime.folder_lock import holder, is_locked
from runtime.postgres import Postgres
from runtime.state import LOCK, forget_state
from runtime.sweep import sweep


def down(data_dir: Path, *, seconds: float = 45) -> bool:
    """True if something was running. Returns when nothing is."""
    folder = data_dir.resolve()
    pid = holder(folder / LOCK)
    if pid is not None:
        _end(folder, pid, seconds)
    sweep(folder)
    if (folder / "postgres").exists():
        Postgres(folder / "postgres").clear_leftovers()
    forget_state(folder)
    return pid is not None


def _end(folder: Path, pid: int, seconds: float) -> None:
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        end = time.monotonic() + patience
        while is_locked(folder / LOCK) and time.monotonic() < end:
            time.sleep(0.05)
        if not is_locked(folder / LOCK):
            return
