"""The sandbox as a process: it says when it serves, and ends cleanly and soon."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox.conftest import _free_port


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = _free_port()
    place = ["--port", str(port), "--gateway", "http://127.0.0.1:9"]
    clock = ["--clock-file", str(tmp_path / "clock.json")]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", *place, *clock, "--clients", "15"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_serves_and_ends_within_three_seconds(
    started: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    process, url = started
    assert process.stdout
    assert process.stdout.readline() == f"sandbox serving at {url}/\n"
    state = httpx.get(f"{url}/_control/state", timeout=60).json()
    assert len(state["acuity"]["appointments"]) == 15
    one = state["acuity"]["appointments"][0]["id"]
    httpx.post(f"{url}/_control/acuity/{one}/cancel", json={"by": "client"}, timeout=60)
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    assert time.monotonic() - began < 3
    assert process.stdout.read() == ""


def test_a_taken_port_is_an_error_and_not_a_traceback(
    started: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = started
    assert process.stdout
    process.stdout.readline()
    port = url.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", port, "--gateway", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode != 0
    assert "address already in use" in second.stderr
    assert "Traceback" not in second.stderr
