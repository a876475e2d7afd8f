"""What an operator sees of the steps of a run: each that is over, and one that lasts while it lasts."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.flows.house import House, until
from tests.flows.killing import arm, disarm, held

OFFER, PLACE = "hold and offer times", "offer.before_commit"


@pytest.fixture(autouse=True)
def _disarmed(house: House) -> Iterator[None]:
    yield
    disarm(house)


def steps(house: House, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By name, as Prefect's pages ask for them."""
    with house.prefect as prefect:
        asked = {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}}
        found = prefect.post("/task_runs/filter", json=asked).json()
    return {str(step["name"]): step for step in found}


def stands(house: House, run: dict[str, Any], name: str, state: str) -> bool:
    step = steps(house, run).get(name)
    return step is not None and step["state_type"] == state


def test_a_step_that_is_over_shows_when_it_began_and_how_long_it_took(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    run = client.run()
    until("the offer is shown", partial(stands, house, run, OFFER, "COMPLETED"))
    step = steps(house, run)[OFFER]
    assert run["start_time"] <= step["start_time"] < step["end_time"]
    assert step["total_run_time"] > 0
    assert step["run_count"] == 1


def test_a_step_that_lasts_shows_as_running_and_then_how_it_ended(house: House) -> None:
    client = house.client()
    arm(house, [PLACE], "hold")
    client.cancels()
    until("the step is held up", partial(held, house, [PLACE]))
    run = client.run()
    until("it is shown as running", partial(stands, house, run, OFFER, "RUNNING"))
    disarm(house)
    client.gets_offer()
    until("it is shown as ended", partial(stands, house, run, OFFER, "COMPLETED"))
    with house.prefect as prefect:
        step = steps(house, run)[OFFER]
        states = prefect.get("/task_run_states/", params={"task_run_id": step["id"]}).json()
    assert [state["name"] for state in states] == ["Running", "Completed"]
