"""What was sampled is given to the step an operator sees, and nothing is given away."""

import subprocess
import sys
import time

import pytest

from tests.bench import sampled
from tests.flows.house import ROOT

ENGINE = "run_flow_sync (/x/prefect/flow_engine.py:12)"
BUSY = """
from tasks import bookings
from tasks.step import clean
def work():
    while True: sum(range(1000))
exec(compile("def book(): work()", bookings.__file__, "exec"))
print("ready", flush=True)
clean(book)()
"""
STEP = "perform (/x/tasks/acting.py:12);run_task (/x/prefect/task_engine.py:12)"
IN_A_STEP = f"{ENGINE};{STEP};run (/x/tasks/step.py:12)"


def test_each_sample_is_given_to_the_innermost_thing_we_have_a_name_for() -> None:
    seen = sampled.by_step(
        [
            f"{IN_A_STEP};book (/x/tasks/bookings.py:12);execute (/x/sqlalchemy/orm/session.py:12) 7",
            f"{IN_A_STEP};sync (/x/tasks/sync_back.py:12) 5",
            f"{ENGINE};next_step (/x/tasks/acting.py:12);commit (/x/sqlalchemy/orm/session.py:12) 3",
            f"{ENGINE};perform (/x/tasks/acting.py:12);set_state (/x/prefect/task_engine.py:12) 2",
            f"{ENGINE} 1",
            "main (/x/threading.py:12);send (/x/websockets/client.py:12) 4",
        ]
    )
    assert seen == {
        "book the chosen slot": 7,
        "sync back": 5,
        "decide what is next": 3,
        "Prefect's engine: steps": 2,
        "Prefect's engine: runs": 1,
        sampled.REST: 4,
    }


def test_every_place_named_between_the_steps_is_still_there() -> None:
    for name, place in sampled.BETWEEN:
        assert f"def {name}(" in (ROOT / place).read_text()


@pytest.mark.skipif(not sampled.may_look(), reason="this user may not trace processes")
def test_a_process_at_work_is_seen_at_work() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: sum(range(1000))"]) as busy:
        with sampled.beside([busy.pid]) as seen:
            time.sleep(1)
        busy.kill()
    assert seen == {sampled.REST: seen.total()}
    assert seen.total() > 10


@pytest.mark.skipif(not sampled.may_look(), reason="this user may not trace processes")
def test_a_step_at_work_is_seen_by_its_name() -> None:
    command = [sys.executable, "-c", BUSY]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as busy:
        assert busy.stdout is not None
        busy.stdout.readline()
        with sampled.beside([busy.pid]) as seen:
            time.sleep(2)
        busy.kill()
    assert seen["book the chosen slot"] > seen.total() / 2
