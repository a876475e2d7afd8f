"""The plain Prefect flow of `naive.py` on a stock process worker, in the same run on the same PostgreSQL.

On plain Prefect's own server, as `prefect server start` begins it; then on the house's, which is leaner.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import psycopg

from runtime.ports import choose
from runtime.postgres import Postgres
from tests.bench import cpu, yardstick
from tests.bench.ground import Ground
from tests.flows.house import ROOT, until

POOL = "naive"
DATABASE = "plain"
PREFECT = (sys.executable, "-m", "prefect", "--no-prompt")
IDLE_SECONDS = 15


def on_its_own_server(ground: Ground, count: int) -> dict[str, Any]:
    """CPU per case, less what all that runs there takes in idleness; slots are the second of three."""
    with _own_server(ground) as (address, server):
        return _story(ground, count, address, {"server": server})


def on_our_server(ground: Ground, count: int) -> dict[str, Any]:
    return _story(ground, count, ground.house.addresses["prefect"], {})


@contextmanager
def _own_server(ground: Ground) -> Iterator[tuple[str, int]]:
    """Told where its database is and where to listen, nothing else; gives its address and pid."""
    postgres = Postgres(ground.house.folder / "postgres")
    with psycopg.connect(postgres.admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DATABASE}")
    port = str(choose().prefect)
    told = {
        "PREFECT_HOME": str(ground.house.folder / "plain"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.admin_url(DATABASE, driver="asyncpg"),
        "DO_NOT_TRACK": "1",
    }
    address = f"http://127.0.0.1:{port}"
    with _process([*PREFECT, "server", "start", "--port", port], told) as pid:
        until("plain Prefect answers", partial(_answers, address), 180)
        yield address, pid


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/health", timeout=5).is_success
    except httpx.TransportError:
        return False


@contextmanager
def _process(command: Sequence[str], told: Mapping[str, str]) -> Iterator[int]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env={**os.environ, **told}, cwd=ROOT, stdout=quiet, stderr=quiet
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextmanager
def _worker(address: str) -> Iterator[int]:
    """Deployed and started as Prefect's own guide says; gives the worker's pid."""
    told = {"PREFECT_API_URL": f"{address}/api", "PREFECT_WORKER_QUERY_SECONDS": "1"}
    pool = [*PREFECT, "work-pool", "create", POOL, "--type", "process", "--overwrite"]
    deploy = [*PREFECT, "deploy", "tests/bench/naive.py:naive", "-n", POOL, "-p", POOL]
    for command in (pool, deploy):
        environment = {**os.environ, **told}
        subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
    start = [*PREFECT, "worker", "start", "--pool", POOL, "--type", "process", "--limit", "4"]
    with _process(start, told) as pid:
        yield pid


def _story(ground: Ground, count: int, address: str, more: Mapping[str, int]) -> dict[str, Any]:
    appointments = ground.take(count)
    api = httpx.Client(base_url=f"{address}/api", timeout=60)
    with api, _worker(address) as worker:
        used = partial(_cpu, ground, {"worker": worker, **more})
        until("its worker was heard of", lambda: _workers(api), 60)
        before = used()
        time.sleep(IDLE_SECONDS)
        idle_per_s = (used() - before) / IDLE_SECONDS
        with yardstick.beside() as speed:
            began, before = time.monotonic(), used()
            runs = [_start(ground, api, appointment) for appointment in appointments]
            until("all wait", lambda: _all(api, runs, "PAUSED"), 900)
            for run in runs:
                until("it takes an answer", partial(_resume, api, run), 60)
            until("all have ended", lambda: _all(api, runs, "COMPLETED"), 900)
            seconds, spent = time.monotonic() - began, used() - before
    return {
        "cases": count,
        "cpu_ms_per_case": round(1000 * (spent - idle_per_s * seconds) / count),
        "seconds": round(seconds, 1),
        "yardstick_ms": round(speed.ms, 2),
    }


def _cpu(ground: Ground, more: Mapping[str, int]) -> float:
    return sum(ground.cpu().values()) + sum(cpu.seconds(more).values())


def _workers(api: httpx.Client) -> bool:
    return bool(api.post(f"/work_pools/{POOL}/workers/filter", json={}).json())


def _start(ground: Ground, api: httpx.Client, appointment: dict[str, Any]) -> str:
    asked = {"url": ground.house.addresses["sandbox"], "number": str(appointment["id"])}
    deployment = api.get(f"/deployments/name/naive/{POOL}").json()
    answer = api.post(
        f"/deployments/{deployment['id']}/create_flow_run",
        json={"parameters": asked, "state": {"type": "SCHEDULED"}},
    )
    return str(answer.json()["id"])


def _all(api: httpx.Client, runs: list[str], kind: str) -> bool:
    found = api.post("/flow_runs/filter", json={"flow_runs": {"id": {"any_": runs}}}).json()
    states = [run["state_type"] for run in found]
    bad = [run["state"]["message"] for run in found if run["state_type"] in ("FAILED", "CRASHED")]
    assert not bad, bad
    return states == [kind] * len(runs)


def _resume(api: httpx.Client, run: str) -> bool:
    answer = api.post(f"/flow_runs/{run}/resume", json={"run_input": {"choice": 2}})
    return bool(answer.json().get("status") == "ACCEPT")
