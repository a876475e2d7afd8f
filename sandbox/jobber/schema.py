"""What Jobber's queries and mutations do. A refused mutation answers with `userErrors`."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.jobber import shown
from sandbox.jobber.graphql import Broken
from sandbox.jobber.store import Store, Visit
from sandbox.wire import Json

GONE: Json = {"message": "Visit not found", "path": ["id"]}


def instant(value: object) -> datetime:
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        raise Broken("not a time") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _wall(given: Json | None) -> datetime | None:
    """A date, a time and an IANA zone."""
    if not given:
        return None
    try:
        text = f"{given['date']}T{given.get('time') or '00:00:00'}"
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(given["timezone"]))
    except (KeyError, ValueError, OSError):
        raise Broken("not a wall clock") from None


def _within(moment: datetime | None, bounds: Json) -> bool:
    if moment is None:
        return not bounds
    after, before, same = (bounds.get(name) for name in ("after", "before", "eq"))
    return (
        (not after or moment > instant(after))
        and (not before or moment < instant(before))
        and (not same or moment == instant(same))
    )


class Schema:
    def __init__(self, store: Store) -> None:
        self._store = store

    def root(self, kind: str) -> Json:
        return self._mutations() if kind == "mutation" else self._queries()

    def _queries(self) -> Json:
        return {
            "account": {"__typename": "Account", "id": "QWNjb3VudC8x", "name": "Shore Services"},
            "visit": self._visit,
            "visits": self._visits,
            "scheduledItems": self._scheduled,
        }

    def _visit(self, id: str) -> Json | None:
        one = self._store.visits.get(id)
        return shown.visit(self._store, one) if one else None

    def _visits(self, filter: Json | None = None, sort: Any = None, **page: Any) -> Json:
        bounds = {"startAt": "start", "endAt": "end", "createdAt": "created"}
        found = [
            one
            for one in self._store.visits.values()
            if all(
                _within(getattr(one, name), filter[field])
                for field, name in bounds.items()
                if filter and field in filter
            )
        ]
        falling = bool(sort) and sort[0]["direction"] == "DESCENDING"
        found.sort(key=lambda one: (one.start or one.created, one.id), reverse=falling)
        return shown.connection([shown.visit(self._store, one) for one in found], **page)

    def _scheduled(self, filter: Json, **page: Any) -> Json:
        within, kind = filter["occursWithin"], filter.get("scheduleItemType")
        users = filter.get("assignedTo")
        items = []
        for one in self._store.scheduled(instant(within["startAt"]), instant(within["endAt"])):
            if isinstance(one, Visit):
                if kind in (None, "VISIT") and (not users or one.user in users):
                    items.append(shown.visit(self._store, one))
            elif kind in (None, "BASIC_TASK") and not users:
                items.append(shown.task(one))
        return shown.connection(items, **page)

    def _mutations(self) -> Json:
        return {
            "visitEditSchedule": self._schedule,
            "visitEditAssignedUsers": self._assign,
            "visitEdit": self._edit,
            "visitCreate": self._create,
            "visitDelete": self._delete,
            "visitComplete": self._complete,
            "taskCreate": self._task,
        }

    def _changed(self, one: Visit | None) -> Json:
        if one is None:
            return {"visit": None, "userErrors": [GONE]}
        self._store.changed(one)
        return {"visit": shown.visit(self._store, one), "userErrors": []}

    def _schedule(self, id: str, input: Json) -> Json:
        one, start, end = (
            self._store.visits.get(id),
            _wall(input.get("startAt")),
            _wall(input.get("endAt")),
        )
        if start and end and end <= start:
            fault = {"message": "The end is before the start", "path": ["input", "endAt"]}
            return {"visit": None, "userErrors": [fault]}
        if one:
            one.start, one.end = start, end
        return self._changed(one)

    def _assign(self, visitId: str, input: Json) -> Json:
        users = input["assignedUserIds"]
        if any(user not in self._store.users for user in users):
            fault = {"message": "No such user", "path": ["input", "assignedUserIds"]}
            return {"visit": None, "userErrors": [fault]}
        one = self._store.visits.get(visitId)
        if one and users:
            one.user = users[0]
        return self._changed(one)

    def _edit(self, id: str, attributes: Json) -> Json:
        one = self._store.visits.get(id)
        if one and "instructions" in attributes:
            one.instructions = str(attributes["instructions"] or "")
        return self._changed(one)

    def _complete(self, visitId: str) -> Json:
        one = self._store.visits.get(visitId)
        if one:
            one.complete = True
        return self._changed(one)

    def _create(self, jobId: str, input: Json) -> Json:
        job = self._store.jobs.get(jobId)
        if job is None:
            fault = {"message": "Job not found", "path": ["jobId"]}
            return {"createdVisits": [], "job": None, "userErrors": [fault]}
        made = []
        for given in input["visits"]:
            plan = given.get("schedule") or {}
            crew = plan.get("teamMemberIdsToAssign") or list(self._store.users)[:1]
            start, end = _wall(plan.get("startAt")), _wall(plan.get("endAt"))
            text = str(given.get("instructions") or "")
            made.append(self._store.create(job, start, end, crew[0], text))
        visits = [shown.visit(self._store, one) for one in made]
        return {"createdVisits": visits, "job": shown.job(job), "userErrors": []}

    def _delete(self, visitIds: list[str]) -> Json:
        known = [one for one in visitIds if one in self._store.visits]
        for one in known:
            self._store.delete(one)
        return {"visits": None, "userErrors": [] if len(known) == len(visitIds) else [GONE]}

    def _task(self, input: Json, **_: Any) -> Json:
        start = instant(input.get("startAt") or self._store.kit.clock.now().isoformat())
        end = instant(input["endAt"]) if input.get("endAt") else None
        return {"task": shown.task(self._store.add_task(input, start, end)), "userErrors": []}
