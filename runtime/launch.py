"""How a child process begins: tied to this one's life, its output in a file only we can read."""

import os
import sys
from pathlib import Path
from signal import Signals
from typing import IO

CHILD = Path(__file__).with_name("child.py")


def launcher(death_signal: Signals, user: str | None = None, niceness: int = 0) -> list[str]:
    """What to put before a command so that it gets `death_signal` when we die."""
    python = [sys.executable, "-I", "-S", "-B", str(CHILD)]
    return [*python, str(os.getpid()), str(int(death_signal)), user or "-", str(niceness)]


def open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
