"""One owner per folder: a lock the kernel releases by itself when its holder dies."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path


class AlreadyRunning(Exception):
    """Somebody else owns the folder. The message says who and what to do."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        super().__init__(
            f"already running in {folder} (pid {pid or 'unknown'}): "
            "stop it with `rebook down`, or name another folder in REBOOK_DATA_DIR"
        )
        self.pid = pid


class FolderLock:
    """Held from `acquire` to `release` or to the death of this process, however it dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def held(self) -> bool:
        return self._descriptor is not None

    def acquire(self) -> None:
        if self.held():
            return
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _take(descriptor):
            os.close(descriptor)
            raise AlreadyRunning(self.path.parent, _written_pid(self.path))
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def holder(path: Path) -> int | None:
    """The process that owns the folder now, or None."""
    return _written_pid(path) if is_locked(path) else None


def _take(descriptor: int) -> bool:
    """More than one try, since `is_locked` holds a share of the lock for a moment."""
    for _ in range(5):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.02)
    return False


def _written_pid(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return None
