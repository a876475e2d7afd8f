"""An admin at a terminal with a browser beside it: what is asked is typed, what is printed is opened."""

import fcntl
import io
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import httpx
from typer.testing import CliRunner

from runtime.cli import app
from tests.runtime.desk import Typed

Follow = Callable[[str], str]
ADDRESS = re.compile(r"^(https?://\S+[?&]state=\S+)$", re.MULTILINE)


def opened(address: str) -> str:
    """Where the platform sends the browser: the whole address, code and all."""
    answer = httpx.get(address, timeout=30)
    assert answer.status_code == 302, (answer.status_code, answer.text)
    return str(answer.headers["location"])


class Hand(io.RawIOBase):
    """Types a line whenever one is read. A function is given the address that was printed last."""

    def __init__(self, lines: Sequence[str | Follow]) -> None:
        self._lines = list(lines)
        self.pasted: list[str] = []

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        if not self._lines:
            return 0
        line = self._lines.pop(0)
        if not isinstance(line, str):
            line = line(_shown())
            self.pasted.append(line)
        typed = f"{line}\n".encode()
        memoryview(buffer)[: len(typed)] = typed  # type: ignore[arg-type]
        return len(typed)


def _shown() -> str:
    sys.stderr.flush()
    kept: Any = sys.stderr.buffer
    text = kept.getvalue().decode()
    return str(ADDRESS.findall(text)[-1])


def rebook(words: Sequence[str], lines: Sequence[str | Follow]) -> tuple[Typed, list[str]]:
    """What came of it, and what was pasted."""
    hand = Hand(lines)
    with patch("typer.testing.make_input_stream", lambda *_: io.BufferedReader(hand)):
        done = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Typed(done.exit_code, done.stdout, done.stderr), hand.pasted


def at_a_terminal(words: Sequence[str], lines: Sequence[str | Follow]) -> tuple[int, str]:
    """The real program at a real terminal: the code it ended with and all that was seen there."""
    ours, theirs = pty.openpty()
    ran = subprocess.Popen(
        [sys.executable, "-m", "runtime.cli", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    seen = ""
    for line in lines:
        seen += _until_asked(ours)
        typed = line if isinstance(line, str) else line(ADDRESS.findall(_plain(seen))[-1])
        os.write(ours, f"{typed}\n".encode())
    seen += _until_ended(ours)
    os.close(ours)
    return ran.wait(60), _plain(seen)


def _until_asked(terminal: int) -> str:
    """A question ends with a colon and leaves the cursor there."""
    seen = ""
    while not seen.endswith(": "):
        seen += os.read(terminal, 65536).decode()
    return seen


def _until_ended(terminal: int) -> str:
    """Linux tells the end of a terminal as an error."""
    seen = ""
    with suppress(OSError):
        while more := os.read(terminal, 65536):
            seen += more.decode()
    return seen


def _plain(seen: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).replace("\r", "")
