"""Which changes of a step's state become events, and when."""

from contextvars import ContextVar
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import State, TaskRun
from prefect.events import Event
from prefect.states import Completed, Pending, Running

from runtime import telling
from runtime.telling import Telling

PENDING: State[Any] = Pending()
RUNNING: State[Any] = Running()
COMPLETED: State[Any] = Completed()
place: ContextVar[str] = ContextVar("place", default="nowhere")


class Heard:
    """What reached the server's door."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.places: list[str] = []

    def __call__(self, **change: Any) -> Event:
        self.changes.append(change)
        self.places.append(place.get())
        resource = {"prefect.resource.id": f"prefect.task-run.{change['task_run'].id}"}
        return Event(event=f"prefect.task-run.{change['validated_state'].name}", resource=resource)

    @property
    def states(self) -> list[str]:
        return [change["validated_state"].name for change in self.changes]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def step() -> TaskRun:
    return TaskRun(id=uuid4(), task_key="a step", dynamic_key="0")


def begin(tell: Telling, step: TaskRun) -> None:
    tell(task_run=step, initial_state=None, validated_state=PENDING)
    tell(task_run=step, initial_state=PENDING, validated_state=RUNNING)


def end(tell: Telling, step: TaskRun) -> None:
    tell(task_run=step, initial_state=RUNNING, validated_state=COMPLETED, follows=None)


def lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "LASTS_SECONDS", 0.0)


def test_a_short_step_is_told_of_once_when_it_has_ended(heard: Heard, step: TaskRun) -> None:
    tell = Telling(heard)
    begin(tell, step)
    tell.look()
    assert heard.states == []
    end(tell, step)
    tell.look()
    assert heard.states == ["Completed"]


def test_a_step_that_lasts_is_told_of_while_it_runs(
    heard: Heard, step: TaskRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Telling(heard)
    begin(tell, step)
    lasts(monkeypatch)
    tell.look()
    tell.look()
    assert heard.states == ["Running"]
    end(tell, step)
    assert heard.states == ["Running", "Completed"]
    assert heard.changes[1]["follows"] is not None


def test_its_beginning_is_told_as_it_was_and_from_where_it_was(
    heard: Heard, step: TaskRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Telling(heard)
    before = place.set("in its run")
    begin(tell, step)
    place.reset(before)
    step.run_count = 7
    lasts(monkeypatch)
    tell.look()
    assert heard.places == ["in its run"]
    assert heard.changes[0]["task_run"].run_count == 0


def test_a_step_that_waits_for_another_try_is_told_of(heard: Heard, step: TaskRun) -> None:
    tell = Telling(heard)
    begin(tell, step)
    tell(task_run=step, initial_state=RUNNING, validated_state=PENDING)
    begin(tell, step)
    end(tell, step)
    assert heard.states == ["Pending", "Completed"]
