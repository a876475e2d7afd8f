"""How a warm worker ends and lives: told to stop it hands its runs back; over many runs it stays small."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rebook.db.session import call_workers, ledger
from runtime.worker import STOPPING
from tests.flows.house import Client, House, until
from tests.flows.killing import arm, disarm, held, pid_of

WORKERS = ("worker", "worker-2")
GONE_SECONDS = 10.0
PLACE = "offer.before_commit"
MANY, PARTS = int(os.environ.get("REBOOK_TEST_RUNS", "2000")), 20


@pytest.fixture(autouse=True)
def _disarmed(house: House) -> Iterator[None]:
    yield
    disarm(house)


def tell_to_stop(house: House) -> list[int]:
    """Every worker by SIGTERM; returns their processes."""
    pids = [pid_of(house, name) for name in WORKERS]
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    return pids


def times_heard(house: House) -> int:
    logs = [house.folder / "logs" / f"{name}.log" for name in WORKERS]
    return sum(log.read_text().count(STOPPING) for log in logs)


def are_gone(pids: list[int]) -> None:
    until("the workers are gone", lambda: not any(map(_lives, pids)), GONE_SECONDS)


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def states(house: House, client: Client) -> list[str]:
    """The names of all states the runs of a client's case have had."""
    with house.prefect as prefect:
        found: list[dict[str, Any]] = []
        for run in house.runs(tags={"all_": [f"case:{client.case().id}"]}):
            found += prefect.get("/flow_run_states/", params={"flow_run_id": run["id"]}).json()
    return [state["name"] for state in found]


def held_up(house: House) -> Client:
    """A client whose case is in the middle of a step."""
    client = house.client()
    arm(house, [PLACE], "hold")
    client.cancels()
    until("a step is held up", partial(held, house, [PLACE]))
    return client


def test_a_worker_told_to_stop_hands_its_run_back_after_the_step_under_way(house: House) -> None:
    client = held_up(house)
    before = times_heard(house)
    pids = tell_to_stop(house)
    until("all have heard it", lambda: times_heard(house) == before + len(WORKERS))
    disarm(house)
    are_gone(pids)
    client.gets_offer()
    assert "AwaitingRetry" in states(house, client)
    assert "Crashed" not in states(house, client)
    client.replies("1")
    client.ends_well()


def test_a_worker_told_to_stop_is_gone_although_a_step_of_its_run_never_ends(house: House) -> None:
    client = held_up(house)
    are_gone(tell_to_stop(house))
    disarm(house)
    client.gets_offer()
    client.replies("1")
    client.ends_well()
    assert len(client.texts("New times")) == 1


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_memory_of_a_worker_stays_level_over_many_runs(
    house: House, record_property: Any
) -> None:
    """The first tenth fills caches; what comes after may cost a worker no more than a tenth."""
    done(house, MANY // 10)
    readings = [resident_mib(house)]
    for _ in range(PARTS):
        done(house, MANY // PARTS)
        readings.append(resident_mib(house))
        (house.folder / "resident").write_text(" ".join(f"{mib:.0f}" for mib in readings))
    record_property("resident MiB", (house.folder / "resident").read_text())
    assert readings[-1] < readings[0] * 1.1


def done(house: House, runs: int) -> None:
    """So many looks at a connection, each a run with one step. Taken up while more are made."""
    for _ in range(runs):
        house.start_flow("catch_up", {"connection": "slack"})
    with ledger() as session:
        call_workers(session)
    until("all of them ended", lambda: under_way(house) == 0, 600)


def under_way(house: House) -> int:
    """Counted, not listed: a list of a thousand, five times a second, would be the server's main work."""
    due = {"before_": datetime.now(UTC).isoformat()}
    unfinished = {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}
    wanted = {"flow_runs": {"expected_start_time": due, "state": unfinished}}
    with house.prefect as prefect:
        return int(prefect.post("/flow_runs/count", json=wanted).raise_for_status().json())


def resident_mib(house: House) -> float:
    """Of all workers."""
    return sum(_resident(pid_of(house, name)) for name in WORKERS) / 2**20


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
