"""Ways to end a process of the house at a chosen place, and to see that the house gets over it."""

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx

from rebook.db.session import ledger
from rebook.services import anchors, audit
from tests.flows.house import Client, House, until

HEALED = 90.0
"""Seconds a house may take to go on after a kill."""


def arm(house: House, names: Iterable[str], how: str = "") -> None:
    """The first process that passes one of these places dies there; with "hold" its run is held up."""
    for name in names:
        (house.failpoints / f"{name}.fired").unlink(missing_ok=True)
        (house.failpoints / name).write_text(how)


def held(house: House, names: Iterable[str]) -> bool:
    """Is somebody held up at each of these places?"""
    return all((house.failpoints / f"{name}.fired").exists() for name in names)


def let_go(house: House, names: Iterable[str]) -> None:
    for name in names:
        (house.failpoints / f"{name}.fired").unlink()


def still_armed(house: House) -> set[str]:
    return {path.name for path in house.failpoints.iterdir() if path.suffix != ".fired"}


def disarm(house: House) -> None:
    for path in house.failpoints.iterdir():
        path.unlink()


def kill(house: House, *names: str) -> None:
    """End processes of the house by SIGKILL, as the machine's memory killer would."""
    for name in names:
        os.kill(pid_of(house, name), signal.SIGKILL)


def pid_of(house: House, name: str) -> int:
    return int(house.state["children"][name]["pid"])


def kill_and_wait(house: House, *names: str) -> None:
    """The same, until each of them is back and Prefect answers."""
    before = {name: pid_of(house, name) for name in names}
    kill(house, *names)
    for name, pid in before.items():
        until(f"{name} is back", partial(is_back, house, name, pid), HEALED)

    until("Prefect answers", partial(_answers, house), HEALED)


def _answers(house: House) -> bool:
    """A question that needs its database too."""
    try:
        with house.prefect as prefect:
            return prefect.get("/deployments/name/reschedule_case/rebook").is_success
    except httpx.HTTPError:
        return False


def is_back(house: House, name: str, before: int) -> bool:
    """A process that is being started again is listed by nobody."""
    now = house.state["children"].get(name, {}).get("pid")
    return now not in (None, before)


def all_at_once(act: Callable[[Client], object], clients: Sequence[Client]) -> None:
    with ThreadPoolExecutor(len(clients)) as hands:
        list(hands.map(act, clients))


def the_chain_verifies() -> None:
    with ledger() as session:
        verdict = audit.verify(session, anchors.read())
    assert verdict.holds, verdict.why
    assert verdict.sealed > 0
