"""What the worker's engine leaves out, and what it does not."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from prefect._internal.observers import _SuspensionWatch
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.events import Event
from prefect.states import Pending, Running

from runtime import prefect_inside
from runtime.prefect_inside import State
from tasks import interrupts


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[State]:
    """The changes of a step's state that become events."""
    changes: list[State] = []

    def tell(**change: State) -> Event | None:
        changes.append(change["validated_state"])
        return None

    monkeypatch.setattr(prefect_inside, "emit_task_run_state_change_event", tell)
    return changes


def change(before: State | None, after: State) -> None:
    step = TaskRun(task_key="a step", dynamic_key="0")
    prefect_inside._tell(task_run=step, initial_state=before, validated_state=after)


def test_a_step_is_told_of_when_it_begins(told: list[State]) -> None:
    pending: State = Pending()
    running: State = Running()
    change(None, pending)
    assert told == []
    change(pending, running)
    assert told == [running]


def test_a_step_that_waits_once_more_is_told_of(told: list[State]) -> None:
    pending: State = Pending()
    change(Running(), pending)
    assert told == [pending]


def test_a_run_that_was_just_begun_is_not_read_again_by_its_own_thread() -> None:
    flow_run = FlowRun(id=uuid4(), flow_id=uuid4(), run_count=1)
    prefect_inside._begun.flow_run = flow_run
    assert prefect_inside._just_begun(flow_run.id) is flow_run
    assert flow_run.run_count == 2
    assert prefect_inside._just_begun(flow_run.id) is None


def test_another_run_is_read() -> None:
    prefect_inside._begun.flow_run = FlowRun(id=uuid4(), flow_id=uuid4())
    assert prefect_inside._just_begun(uuid4()) is None


def test_a_run_that_suspends_by_itself_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[UUID] = []
    monkeypatch.setattr(
        _SuspensionWatch, "observe", lambda watch, *_: looked.append(watch.flow_run_id)
    )
    watch = prefect_inside.SuspensionWatch.__new__(prefect_inside.SuspensionWatch)
    watch.flow_run_id = uuid4()
    run_id = str(watch.flow_run_id)
    interrupts.rest(run_id)
    watch.observe(uuid4(), datetime.now(UTC))
    assert looked == []
    interrupts.go_on(run_id)
    watch.observe(uuid4(), datetime.now(UTC))
    assert looked == [watch.flow_run_id]
