"""An admin at a terminal with a browser beside it: what is asked is typed, what is printed is opened."""

import io
import re
import sys
from collections.abc import Callable, Sequence
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
    text = sys.stderr.buffer.getvalue().decode()  # type: ignore[attr-defined]
    return str(ADDRESS.findall(text)[-1])


def rebook(words: Sequence[str], lines: Sequence[str | Follow]) -> tuple[Typed, list[str]]:
    """What came of it, and what was pasted."""
    hand = Hand(lines)
    with patch("typer.testing.make_input_stream", lambda *_: io.BufferedReader(hand)):
        done = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Typed(done.exit_code, done.stdout, done.stderr), hand.pasted
