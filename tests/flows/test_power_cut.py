"""Everything but the vendors dies at once, with cases at every stage: none is lost, nothing is done twice."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House, until
from tests.flows.killing import all_at_once, is_back, kill, pid_of, the_chain_verifies

pytestmark = pytest.mark.full

CASES = 40
EVERYTHING = ("prefect", "postgres", "worker", "worker-2", "dispatcher", "gateway", "office")
AT_ONCE = 8
"""Runs that both workers have in hand."""


@pytest.fixture(scope="module")
def lit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("lit"), {"REBOOK_SANDBOX_CLIENTS": str(CASES + 10)})
    house.start()
    yield from pointed_at(house)
    house.stop()


def test_everything_dies_at_once_with_cases_waiting_being_booked_and_being_written_to(
    lit: House,
) -> None:
    clients = [lit.client() for _ in range(CASES)]
    half, eighth = CASES // 2, CASES // 8
    early, late = clients[:half], clients[half:]
    all_at_once(Client.cancels, early)
    all_at_once(Client.waits, early)
    for platform in ("acuity", "twilio"):
        lit.fault(platform, "acted_timeout", match="POST", seconds=60, count=1000)
    all_at_once(partial(Client.replies, text="2"), early[:eighth])
    until("an eighth is being booked", lambda: _unanswered(lit, "acuity") >= eighth, 30)
    all_at_once(Client.cancels, late)
    until("others are written to", lambda: _unanswered(lit, "twilio") >= AT_ONCE - eighth, 60)
    the_lights_go_out(lit)
    all_at_once(Client.gets_offer, clients)
    all_at_once(partial(Client.replies, text="2"), clients[eighth:])
    all_at_once(Client.ends_well, clients)
    the_chain_verifies()


def _unanswered(house: House, platform: str) -> int:
    """How many calls the vendor has acted on and never answered; what it tells of them otherwise arrives."""
    with house.town as vendors:
        faults = vendors.get("/_control/faults").json()["faults"]
    return sum(int(one["fired"]) for one in faults if one["platform"] == platform)


def the_lights_go_out(house: House) -> None:
    before = {name: pid_of(house, name) for name in EVERYTHING}
    kill(house, *EVERYTHING)
    with house.town as vendors:
        vendors.delete("/_control/faults")
    for name, pid in before.items():
        until(f"{name} is back", partial(is_back, house, name, pid), 120)
