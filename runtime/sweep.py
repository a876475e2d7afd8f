"""Ends what a dead supervisor left running, known by a mark in its environment.

Also runs by itself (`sweep.py FOLDER`) as the supervisor's sentinel: it waits until the pipe on
its standard input closes, which the kernel does however the supervisor dies. Standard library only.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

MARK = "REBOOK_SUPERVISED"
TRIES = 200


def sweep(folder: Path) -> None:
    """Until none is found, since a process may fork while it is being looked for."""
    for _ in range(TRIES):
        found = marked(folder)
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return
        time.sleep(0.02)


def marked(folder: Path) -> list[int]:
    """Processes of this folder's installation, ours excepted."""
    mark = os.fsencode(f"{MARK}={folder}")
    pids = [int(name) for name in _listed() if name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and mark in _environment(pid)]


def _listed() -> list[str]:
    with suppress(FileNotFoundError):
        return os.listdir("/proc")
    return []


def _environment(pid: int) -> list[bytes]:
    """Empty for zombies and for processes of others."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


if __name__ == "__main__":
    sys.stdin.buffer.read()
    sweep(Path(sys.argv[1]))
