"""Ends the servers that a killed owner left behind and removes the files that claim they still run.

Only for the holder of the folder's lock: then whatever still runs in the folder has no owner.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

ESCALATION = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 20.0))


class LeftoverServer(Exception):
    """A server of a former owner that not even SIGKILL could end."""


def cluster_name(data: Path) -> str:
    """Shown by every server process in its title; it differs from folder to folder."""
    return "rebook-" + sha256(os.fsencode(data)).hexdigest()[:10]


def clear(data: Path, socket_dir: Path) -> None:
    """A killed postmaster that nobody has reaped still answers signal 0, so PostgreSQL would
    take its lock file for a living one's. Processes decide here, not files."""
    end_servers(data)
    stale = [data / "postmaster.pid", socket_dir / ".s.PGSQL.5432"]
    for path in [*stale, socket_dir / ".s.PGSQL.5432.lock"]:
        path.unlink(missing_ok=True)


def end_servers(data: Path) -> None:
    for number, seconds in ESCALATION:
        for pid in _addressees(data, number):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
                os.kill(pid, signal.SIGCONT)
        if _wait(lambda: not servers(data), seconds):
            return
    raise LeftoverServer(f"a server of an earlier run still holds {data}: end it by hand")


def servers(data: Path) -> list[int]:
    """Living processes of this cluster, known by their command line or their title."""
    title = os.fsencode(f"postgres: {cluster_name(data)}: ")
    return [*_postmasters(data), *(pid for pid in _pids() if title in _command_line(pid))]


def _postmasters(data: Path) -> list[int]:
    """Also a child of one that has not set its title yet."""
    argument = os.fsencode(f"postgres\0-D\0{data}\0")
    return [pid for pid in _pids() if argument in _command_line(pid)]


def _addressees(data: Path, number: signal.Signals) -> list[int]:
    """SIGINT asks the postmaster alone for an orderly end; its children follow."""
    return _postmasters(data) if number is signal.SIGINT else servers(data)


def _pids() -> list[int]:
    with suppress(FileNotFoundError):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return []


def _command_line(pid: int) -> bytes:
    """Empty for a zombie and for a process that has just gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
