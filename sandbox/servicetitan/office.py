"""ServiceTitan's office: its jobs and visits, the rules for moving them, and the feed of changes."""

import itertools
from datetime import datetime, timedelta

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT
from sandbox.kit import Kit
from sandbox.servicetitan.capacity import Capacity
from sandbox.servicetitan.hooks import Hooks
from sandbox.servicetitan.model import REASONS, SERVICES, STANDING, Job, Visit
from sandbox.servicetitan.wire import STAFF, refusal, stamp
from sandbox.wire import Json

TENANT = 404


class Office:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self.jobs: dict[int, Job] = {}
        self.visits: dict[int, Visit] = {}
        self.tasks: dict[int, Json] = {}
        self._ids = itertools.count(70_001)
        self._sequence = itertools.count(1)
        self.capacity = Capacity(self.visits, len(people.practitioners(kit.config.clients)))
        now = kit.clock.now()
        for number, seen in enumerate(people.visits(kit.config.clients, now, kit.zone)):
            acuity = FIRST_APPOINTMENT + number
            job = Job(50_001 + number, 60_001 + number, seen.client, seen.service, acuity, now, now)
            self.jobs[job.id] = job
            self._add(job, seen.start, seen.start + timedelta(minutes=SERVICES[seen.service][1]))

    def _add(self, job: Job, start: datetime, end: datetime) -> Visit:
        now = self.kit.clock.now()
        visit = Visit(next(self._ids), job, start, end, now, now, next(self._sequence))
        self.visits[visit.id] = visit
        return visit

    def job(self, number: int) -> Job:
        if number not in self.jobs:
            raise refusal(404, "The job was not found.")
        return self.jobs[number]

    def visit(self, number: int) -> Visit:
        visit = self.visits.get(number)
        if visit is None or not visit.active:
            raise refusal(404, "The appointment was not found.")
        return visit

    def visits_of(self, job: Job) -> list[Visit]:
        return [one for one in self.visits.values() if one.job is job and one.active]

    def changed(self, visit: Visit, what: str) -> None:
        visit.modified = self.kit.clock.now()
        visit.sequence = next(self._sequence)
        self.hooks.tell(what, visit)

    def reschedule(self, number: int, start: datetime, end: datetime, window: object) -> Visit:
        """Not a cancelled, paused, finished or invoiced one; not where there is no capacity."""
        visit = self.visit(number)
        if visit.status == "Canceled":
            raise refusal(409, "The job is canceled.")
        if visit.status not in STANDING or visit.job.invoiced:
            raise refusal(400, "The appointment cannot be rescheduled.")
        if end <= start or not self.capacity.allows(start, end, ignoring=visit):
            raise refusal(409, "There is no capacity at that time.")
        visit.start, visit.end, visit.status = start, end, "Scheduled"
        visit.window = window if isinstance(window, tuple) else visit.window
        self.changed(visit, "appointment.rescheduled")
        return visit

    def add(self, number: int, start: datetime, end: datetime) -> Visit:
        job = self.job(number)
        if job.status == "Canceled" or job.invoiced:
            raise refusal(400, "The job takes no more appointments.")
        if end <= start or not self.capacity.allows(start, end):
            raise refusal(409, "There is no capacity at that time.")
        visit = self._add(job, start, end)
        self.hooks.tell("appointment.created", visit)
        return visit

    def delete(self, number: int) -> None:
        visit = self.visit(number)
        visit.active = False
        self.changed(visit, "appointment.deleted")

    def hold(self, number: int, *, on: bool) -> None:
        visit = self.visit(number)
        visit.status = "Hold" if on else "Scheduled"
        self.changed(visit, "appointment.held" if on else "appointment.released")

    def cancel(self, number: int, reason: int, memo: str) -> None:
        job = self.job(number)
        if job.status == "Canceled":
            raise refusal(400, "The job is canceled already.")
        if reason not in REASONS:
            raise refusal(400, "The cancel reason was not found.")
        now = self.kit.clock.now()
        entry = {"id": len(job.cancels) + 1, "jobId": job.id, "reasonId": reason, "memo": memo}
        job.cancels.append({**entry, "createdOn": stamp(now), "createdById": STAFF, "active": True})
        self._all(job, "Canceled", "job.canceled")

    def remove_cancellation(self, number: int) -> None:
        job = self.job(number)
        if job.status != "Canceled":
            raise refusal(400, "The job is not canceled.")
        for entry in job.cancels:
            entry["active"] = False
        self._all(job, "Scheduled", "job.restored")

    def _all(self, job: Job, status: str, what: str) -> None:
        job.status, job.modified = status, self.kit.clock.now()
        for visit in self.visits_of(job):
            visit.status = status
            self.changed(visit, what)
