"""What the worker's engine leaves out, and what it does not."""

import asyncio
import logging
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect._internal.observers import _SuspensionWatch
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.events import Event
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import PrefectConsoleHandler

from runtime import prefect_inside
from tasks import interrupts


def event_of(name: str) -> Event:
    return Event(event=name, resource={"prefect.resource.id": "prefect.task-run.one"})


def inside_a_run() -> Any:
    context: Any = FlowRunContext
    return context.model_construct(flow_run=FlowRun(id=uuid4(), flow_id=uuid4(), tags=["case:one"]))


def related(event: Event) -> list[str]:
    asyncio.run(prefect_inside._say_which_run(EventsWorker.__new__(EventsWorker), event))
    return [str(resource.role) for resource in event.related]


@pytest.mark.parametrize("name", ["prefect.task-run.Completed", "rebook.case.closed"])
def test_an_event_of_a_run_names_that_run_alone(name: str) -> None:
    with inside_a_run():
        assert related(event_of(name)) == ["flow-run"]


def test_an_event_outside_runs_is_left_to_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Event] = []

    async def about_everything(_: EventsWorker, event: Event) -> None:
        asked.append(event)

    monkeypatch.setattr(prefect_inside, "_about_everything", about_everything)
    ours = event_of("rebook.case.opened")
    related(ours)
    assert asked == [ours]


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


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("place", "coloured"), [(StringIO(), False), (Screen(), True)])
def test_lines_for_a_file_are_written_plainly_and_those_for_a_screen_as_ever(
    place: StringIO, coloured: bool
) -> None:
    handler = PrefectConsoleHandler(stream=place)
    logger = logging.getLogger(f"rebook.test.{coloured}")
    logger.addHandler(handler)
    try:
        prefect_inside._write_lines_plainly()
        assert ("emit" in vars(handler)) is not coloured
        logger.warning("a line of %d words", 5)
    finally:
        logger.removeHandler(handler)
    assert "a line of 5 words" in place.getvalue()
