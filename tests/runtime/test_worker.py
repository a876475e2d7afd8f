"""The worker's own rules that need no server; in a house it is tried by tests/flows."""

import asyncio
import time
from importlib.metadata import entry_points
from uuid import uuid4

import prefect
import pytest

from flows.catch_up import catch_up
from runtime import prefect_inside
from runtime.entrypoints import load
from runtime.worker import BUSY_SECONDS, Worker


def test_what_we_take_from_inside_prefect_was_proven_on_the_version_installed() -> None:
    """Another version: run tests/flows, read `runtime/prefect_inside.py`, then change it there."""
    assert prefect.__version__ == prefect_inside.PROVEN_ON


def test_prefect_finds_the_worker_by_its_type() -> None:
    (found,) = entry_points(group="prefect.collections", name="rebook")
    assert found.load().Worker is Worker
    assert Worker.get_worker_class_from_type("rebook") is Worker


def test_a_flow_is_loaded_by_its_deployments_entrypoint() -> None:
    assert load("flows/catch_up.py:catch_up") is catch_up


@pytest.mark.parametrize(
    "entrypoint",
    [
        "",
        "catch_up",
        "elsewhere/catch_up.py:catch_up",
        "flows/../os.py:system",
        "flows/nothing.py:x",
    ],
)
def test_what_is_not_one_of_our_flows_is_not_loaded(entrypoint: str) -> None:
    with pytest.raises(ImportError):
        load(entrypoint)


def test_a_full_worker_looks_for_more_as_soon_as_its_runs_have_ended() -> None:
    async def gathering() -> float:
        worker = Worker("rebook", limit=4)
        runs = [uuid4() for _ in range(4)]
        worker._running.update(runs)
        began = time.monotonic()
        look = asyncio.create_task(worker._gather())
        await asyncio.sleep(0.1)
        for run in runs:
            worker._let_go(run)
        await look
        return time.monotonic() - began

    assert asyncio.run(gathering()) < BUSY_SECONDS / 2
