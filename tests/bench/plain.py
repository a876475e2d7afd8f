"""The plain Prefect flow of `naive.py` on a stock process worker, on the same server and database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tests.bench import cpu
from tests.bench.ground import Ground
from tests.flows.house import ROOT, until

POOL = "naive"


@contextmanager
def worker(ground: Ground) -> Iterator[int]:
    """Deployed and started as Prefect's own guide says; gives the worker's pid."""
    address = ground.house.addresses["prefect"] + "/api"
    environment = {**os.environ, "PREFECT_API_URL": address, "PREFECT_WORKER_QUERY_SECONDS": "1"}
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    pool = [*prefect, "work-pool", "create", POOL, "--type", "process", "--overwrite"]
    deploy = [*prefect, "deploy", "tests/bench/naive.py:naive", "-n", POOL, "-p", POOL]
    for command in (pool, deploy):
        subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    start = [*prefect, "worker", "start", "--pool", POOL, "--type", "process", "--limit", "4"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(start, env=environment, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def measure(ground: Ground, count: int, idle_per_s: float) -> dict[str, Any]:
    """CPU per case with the idle house's own share taken off; slots are the second of three."""
    appointments = ground.take(count)
    with worker(ground) as pid:
        began, before = time.monotonic(), _cpu(ground, pid)
        runs = [_start(ground, appointment) for appointment in appointments]
        until("all wait", lambda: _all(ground, runs, "PAUSED"), 900)
        for run in runs:
            until("it takes an answer", partial(_resume, ground, run), 60)
        until("all have ended", lambda: _all(ground, runs, "COMPLETED"), 900)
        seconds, used = time.monotonic() - began, _cpu(ground, pid) - before
    return {
        "cases": count,
        "cpu_ms_per_case": round(1000 * (used - idle_per_s * seconds) / count),
        "seconds": round(seconds, 1),
    }


def _cpu(ground: Ground, pid: int) -> float:
    return sum(ground.cpu().values()) + cpu.seconds({"naive": pid})["naive"]


def _start(ground: Ground, appointment: dict[str, Any]) -> str:
    asked = {"url": ground.house.addresses["sandbox"], "number": str(appointment["id"])}
    with ground.house.prefect as prefect:
        deployment = prefect.get(f"/deployments/name/naive/{POOL}").json()
        answer = prefect.post(
            f"/deployments/{deployment['id']}/create_flow_run",
            json={"parameters": asked, "state": {"type": "SCHEDULED"}},
        )
        return str(answer.json()["id"])


def _all(ground: Ground, runs: list[str], kind: str) -> bool:
    states = [run["state_type"] for run in ground.house.runs(id={"any_": runs})]
    assert not {"FAILED", "CRASHED"} & set(states), states
    return states == [kind] * len(runs)


def _resume(ground: Ground, run: str) -> bool:
    with ground.house.prefect as prefect:
        answer = prefect.post(f"/flow_runs/{run}/resume", json={"run_input": {"choice": 2}})
        return bool(answer.json().get("status") == "ACCEPT")
