"""The supervisor, with real processes that misbehave."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.down import down
from runtime.folder_lock import is_locked
from runtime.state import LOCK, State, read_state
from tests.runtime.waiting import is_running, until

ROOT = Path(__file__).resolve().parents[2]
SLEEP = "import time; time.sleep(600)"
DEAF = f"""
import pathlib, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1], "deaf").touch()
{SLEEP}
"""
PARENT = f"""
import pathlib, subprocess, sys
grandchild = subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
pathlib.Path(sys.argv[1], "grandchild").write_text(str(grandchild.pid))
grandchild.wait()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path.resolve()


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts a supervisor of these entries; whatever it leaves is stopped after the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*entries: dict[str, Any]) -> subprocess.Popen[str]:
        (folder / "specs.json").write_text(json.dumps(entries))
        command = [sys.executable, "-m", "tests.runtime.supervise", str(folder)]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield begin
    down(folder)
    for process in started:
        process.communicate(timeout=30)


def up(folder: Path) -> State:
    return until(lambda: read_state(folder), "up.json")


def pids(state: State, folder: Path) -> list[int]:
    """Of everything that runs, the supervisor excepted."""
    noted = folder / "grandchild"
    grandchildren = [int(noted.read_text())] if noted.exists() else []
    return [child["pid"] for child in state.children.values()] + grandchildren


def test_what_needs_another_starts_after_it(start: Start, folder: Path) -> None:
    write = "import sys, pathlib; pathlib.Path(sys.argv[1], 'order').open('a').write('{} ');"
    start(
        {"name": "last", "code": write.format("last") + SLEEP, "after": ["first"]},
        {"name": "first", "code": write.format("first"), "once": True},
    )
    up(folder)
    assert until(lambda: (folder / "order").read_text().split()[1:], "the last") == ["last"]
    assert (folder / "order").read_text().split() == ["first", "last"]


def test_up_is_said_only_when_all_are_ready(start: Start, folder: Path) -> None:
    slow = "import sys, pathlib; input_ = pathlib.Path(sys.argv[1], 'go');\n"
    slow += "while not input_.exists(): pass\npathlib.Path(sys.argv[1], 'ready').touch()\n" + SLEEP
    start({"name": "slow", "code": slow, "wait_for": "ready"}, {"name": "quick", "code": SLEEP})
    until((folder / "logs" / "slow.log").exists, "the slow one to begin")
    assert read_state(folder) is None
    (folder / "go").touch()
    assert set(up(folder).children) == {"slow", "quick"}


def test_a_child_is_ready_only_when_it_has_said_so_since_its_start(
    start: Start, folder: Path
) -> None:
    (folder / "logs").mkdir()
    (folder / "logs" / "worker.log").write_text("begun\n")
    start({"name": "worker", "code": SLEEP, "says": "begun", "ready_seconds": 0.5})
    until(lambda: is_locked(folder / LOCK), "the supervisor to begin")
    until(lambda: not is_locked(folder / LOCK), "the supervisor to give up")
    start({"name": "worker", "code": "print('begun', flush=True);" + SLEEP, "says": "begun"})
    assert set(up(folder).children) == {"worker"}


def test_a_child_that_dies_is_started_again_and_counted(start: Start, folder: Path) -> None:
    start({"name": "service", "code": SLEEP}, {"name": "other", "code": SLEEP})
    before = up(folder).children
    os.kill(before["service"]["pid"], signal.SIGKILL)
    until(lambda: up(folder).children["service"]["restarts"] == 1, "the restart")
    after = up(folder).children
    assert after["service"]["pid"] != before["service"]["pid"]
    assert is_running(after["service"]["pid"])
    assert after["other"] == before["other"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_down_to_the_grandchildren(
    start: Start, folder: Path, number: signal.Signals
) -> None:
    supervisor = start({"name": "parent", "code": PARENT, "wait_for": "grandchild"})
    running = pids(up(folder), folder)
    assert len(running) == 2
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=30) == 0
    assert [pid for pid in running if is_running(pid)] == []
    assert read_state(folder) is None


def test_a_child_deaf_to_sigterm_is_ended_after_its_time(start: Start, folder: Path) -> None:
    supervisor = start({"name": "deaf", "code": DEAF, "wait_for": "deaf", "stop_seconds": 0.5})
    running = pids(up(folder), folder)
    supervisor.terminate()
    assert supervisor.wait(timeout=30) == 0
    assert [pid for pid in running if is_running(pid)] == []


def test_a_second_ctrl_c_does_not_wait(start: Start, folder: Path) -> None:
    supervisor = start({"name": "deaf", "code": DEAF, "wait_for": "deaf", "stop_seconds": 300})
    up(folder)
    supervisor.send_signal(signal.SIGINT)
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=30) == 0


def test_killing_the_supervisor_leaves_no_process(start: Start, folder: Path) -> None:
    supervisor = start(
        {"name": "parent", "code": PARENT, "wait_for": "grandchild"},
        {"name": "deaf", "code": DEAF, "wait_for": "deaf"},
    )
    running = pids(up(folder), folder)
    assert len(running) == 3
    supervisor.kill()
    until(lambda: not any(is_running(pid) for pid in running), "all of them to end")


def test_after_a_killed_supervisor_the_next_one_starts(start: Start, folder: Path) -> None:
    first = start({"name": "service", "code": SLEEP})
    up(folder)
    first.kill()
    first.wait()
    second = start({"name": "service", "code": SLEEP})
    until(lambda: up(folder).pid == second.pid, "the second to be up")


def test_a_second_start_on_the_same_folder_is_refused(start: Start, folder: Path) -> None:
    first = start({"name": "service", "code": SLEEP})
    up(folder)
    second = start({"name": "service", "code": SLEEP})
    _, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already running in {folder} (pid {first.pid})" in said
    assert up(folder).pid == first.pid


def test_a_failing_preparation_stops_the_start_and_shows_why(start: Start, folder: Path) -> None:
    supervisor = start(
        {"name": "service", "code": SLEEP},
        {"name": "broken", "code": "raise SystemExit('no such table')", "once": True},
    )
    _, said = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert "broken ended with code 1" in said
    assert "no such table" in said
    assert read_state(folder) is None


def test_a_child_that_never_gets_ready_stops_the_start(start: Start) -> None:
    supervisor = start({"name": "slow", "code": SLEEP, "wait_for": "never", "ready_seconds": 0.5})
    _, said = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert "slow was not ready after" in said


def test_a_child_that_keeps_dying_stops_the_start(start: Start) -> None:
    supervisor = start({"name": "weak", "code": "raise SystemExit(3)", "wait_for": "never"})
    _, said = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 1
    assert "weak ended with code 3" in said


def test_output_goes_to_a_log_only_we_can_read(start: Start, folder: Path) -> None:
    start({"name": "talker", "code": "print('hello', flush=True);" + SLEEP})
    up(folder)
    log = folder / "logs" / "talker.log"
    until(lambda: log.read_text() == "hello\n", "its word")
    assert log.stat().st_mode & 0o077 == 0
    assert log.parent.stat().st_mode & 0o077 == 0


def test_down_stops_what_runs_and_says_whether_anything_did(start: Start, folder: Path) -> None:
    start({"name": "parent", "code": PARENT, "wait_for": "grandchild"})
    running = pids(up(folder), folder)
    assert down(folder) is True
    assert [pid for pid in running if is_running(pid)] == []
    assert down(folder) is False


def test_down_cleans_up_after_a_killed_supervisor(start: Start, folder: Path) -> None:
    supervisor = start({"name": "parent", "code": PARENT, "wait_for": "grandchild"})
    running = pids(up(folder), folder)
    supervisor.kill()
    supervisor.wait()
    assert down(folder) is False
    assert [pid for pid in running if is_running(pid)] == []
    assert read_state(folder) is None
