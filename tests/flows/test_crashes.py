"""A process may be killed at every named place: each story still ends with one text and one booking."""

import ast
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from rebook.failpoints import BESIDE, NAMES
from tests.flows.house import ROOT, Client, House, until
from tests.flows.killing import HEALED, all_at_once, arm, disarm, still_armed, the_chain_verifies

CODE = ("rebook", "tasks", "flows", "runtime", "gateway", "connectors", "blocks")
OF_THE_POLL = {name for name in NAMES if name.startswith("catch_up.")}
LED_TO_BY = {
    "dispatcher.before_create": ["case.run_wanted"],
    "dispatcher.after_create": ["case.run_wanted"],
}
"""The dispatcher starts a run only where whoever opened the case could not."""
CROWD = 8


@pytest.fixture(autouse=True)
def _disarmed(house: House) -> Iterator[None]:
    yield
    disarm(house)


def test_every_failpoint_is_somewhere_in_the_code_exactly_once() -> None:
    files = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    assert sorted(name for path in files for name in _passed(path)) == sorted(NAMES + BESIDE)


def _passed(path: Path) -> Iterator[str]:
    """The names of failpoints that a module passes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fp":
            (name,) = node.args
            assert isinstance(name, ast.Constant), f"{path}: name the failpoint in the call"
            yield str(name.value)


@pytest.mark.full
def test_a_kill_at_every_failpoint_loses_nothing_and_repeats_nothing(house: House) -> None:
    clients = [house.client() for _ in range(CROWD)]
    arm(house, NAMES)
    _found_by_a_poll(house, clients[0])
    all_at_once(_tells_the_story, clients)
    assert still_armed(house) == set()
    the_chain_verifies()


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_one_failpoint_loses_nothing_and_repeats_nothing(
    house: House, name: str, record_property: Callable[[str, object], None]
) -> None:
    client = house.client()
    arm(house, {name, *LED_TO_BY.get(name, ())})
    if name in OF_THE_POLL:
        _found_by_a_poll(house, client)
    _tells_the_story(client)
    assert still_armed(house) == set()
    the_chain_verifies()
    record_property(
        "seconds from the kill to the end", round(time.time() - _killed_at(house, name))
    )


def _killed_at(house: House, name: str) -> float:
    return (house.failpoints / f"{name}.fired").stat().st_mtime


def _found_by_a_poll(house: House, client: Client) -> None:
    """Its webhook is lost, and the poll that finds it dies wherever it may."""
    house.fault("acuity", "drop", count=1)
    client.cancels()
    for name in sorted(OF_THE_POLL & still_armed(house)):
        until(f"a poll dies at {name}", partial(_polled, house, name), HEALED)
    _a_poll_ends(house)
    until("the poll found it", client.cases, HEALED)


def _polled(house: House, name: str) -> bool:
    if name not in still_armed(house):
        return True
    _a_poll_ends(house)
    return name not in still_armed(house)


def _a_poll_ends(house: House) -> None:
    run = house.start_flow("catch_up", {"connection": "acuity"})
    until("the poll ends", lambda: _over(house, run), HEALED)


def _over(house: House, run: str) -> bool:
    with house.prefect as prefect:
        return prefect.get(f"/flow_runs/{run}").json()["state"]["type"] in ("CRASHED", "COMPLETED")


def _tells_the_story(client: Client) -> None:
    if not client.cases():
        client.cancels()
    client.gets_offer()
    client.replies("2")
    client.ends_well()
