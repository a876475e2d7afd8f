"""Jobber's book: clients, jobs, visits, tasks, users; what each change tells the app's webhooks."""

import base64
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox import people
from sandbox.acuity.model import SERVICES
from sandbox.jobber.hooks import Hooks
from sandbox.kit import Kit
from sandbox.wire import Json


def encoded(kind: str, number: int) -> str:
    return base64.b64encode(f"gid://Jobber/{kind}/{number}".encode()).decode()


@dataclass(frozen=True)
class Job:
    id: str
    number: int
    title: str
    client: people.Client


@dataclass
class Visit:
    """Without a start it is unscheduled."""

    id: str
    job: Job
    start: datetime | None
    end: datetime | None
    user: str
    created: datetime
    instructions: str = ""
    complete: bool = False


@dataclass(frozen=True)
class Task:
    id: str
    title: str
    instructions: str
    start: datetime
    end: datetime | None
    all_day: bool


class Store:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self._numbers = itertools.count(1)
        names = people.practitioners(kit.config.clients)
        self.users = {encoded("User", number): name for number, name in enumerate(names, 1)}
        self.jobs: dict[str, Job] = {}
        self.visits: dict[str, Visit] = {}
        self.tasks: dict[str, Task] = {}
        for one in people.visits(kit.config.clients, kit.clock.now(), kit.zone):
            self._seed(one)

    def _seed(self, one: people.Visit) -> None:
        service, number = SERVICES[one.service], next(self._numbers)
        job = Job(encoded("Job", number), number, service.name, one.client)
        self.jobs[job.id] = job
        start = one.start.astimezone(UTC)
        user = list(self.users)[one.calendar]
        self._keep(job, start, start + timedelta(minutes=service.minutes), user, "")

    def _keep(
        self, job: Job, start: datetime | None, end: datetime | None, user: str, text: str
    ) -> Visit:
        identity = encoded("Visit", next(self._numbers))
        now = self.kit.clock.now()
        self.visits[identity] = Visit(identity, job, start, end, user, now, text)
        return self.visits[identity]

    def create(
        self, job: Job, start: datetime | None, end: datetime | None, user: str, text: str
    ) -> Visit:
        visit = self._keep(job, start, end, user, text)
        self.hooks.tell("VISIT_CREATE", visit.id)
        return visit

    def changed(self, visit: Visit) -> None:
        self.hooks.tell("VISIT_UPDATE", visit.id)

    def delete(self, identity: str) -> None:
        del self.visits[identity]
        self.hooks.tell("VISIT_DESTROY", identity)

    def add_task(self, given: Json, start: datetime, end: datetime | None) -> Task:
        task = Task(
            encoded("Task", next(self._numbers)),
            str(given["title"]),
            str(given.get("instructions") or ""),
            start,
            end,
            bool(given.get("allDay")),
        )
        self.tasks[task.id] = task
        return task

    def scheduled(self, first: datetime, last: datetime) -> Iterator[Visit | Task]:
        """Whatever takes a part of the period."""
        every: list[Visit | Task] = [*self.visits.values(), *self.tasks.values()]
        for one in every:
            if one.start and one.start < last and (one.end or one.start) >= first:
                yield one
