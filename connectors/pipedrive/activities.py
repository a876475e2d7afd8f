"""Reading and writing activities. Pipedrive takes no key of ours: a note carries our reference."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from typing import Any

from connectors.errors import NotFound, Refused, VendorFault, after_a_write
from connectors.http import Http
from connectors.parsing import documented
from connectors.pipedrive import wire
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Person, Slot, Status

ACTIVITIES = "api/v2/activities"
A_WHILE = timedelta(days=3)

Json = dict[str, Any]


class Activities:
    def __init__(self, http: Http, settings: Mapping[str, str]) -> None:
        self._http = http
        self._settings = settings

    def one(self, activity_id: str) -> Json:
        return _data(self._http.get(_path(activity_id), include_fields="attendees"))

    def change(self, activity_id: str, body: Mapping[str, Any]) -> Json:
        return _data(self._http.patch(_path(activity_id), dict(body)))

    def make(self, body: Mapping[str, Any]) -> Json:
        return _data(self._http.post(ACTIVITIES, dict(body)))

    def delete(self, activity_id: str) -> None:
        self._http.delete(_path(activity_id))

    def lists(self, **query: Any) -> Iterator[list[Json]]:
        cursor: str | None = None
        while True:
            page = self._http.get(ACTIVITIES, **query, limit=500, cursor=cursor)
            with documented():
                yield [dict(row) for row in page["data"]]
                cursor = (page.get("additional_data") or {}).get("next_cursor")
            if not cursor:
                return

    def find(self, our_ref: str) -> Json | None:
        """What carries our reference among what changed in the last days."""
        since = (clock.now() - A_WHILE).isoformat(timespec="seconds")
        for rows in self.lists(updated_since=since, sort_by="update_time", sort_direction="desc"):
            for row in rows:
                if wire.reference(row) == our_ref and not row.get("is_deleted"):
                    return row
        return None

    def succeed(
        self, old: wire.Row, slot: Slot, our_ref: str, *, subject: str = "", note: str = ""
    ) -> str:
        """Make the new activity, then close the old one."""
        lines = [note, f"Instead of activity {old['id']}." if old else ""]
        owner = slot.calendar or str(old.get("owner_id") or "")
        made = self.make(
            {
                "subject": str(old.get("subject") or subject or "Appointment"),
                "type": wire.usual_type(self._settings),
                **wire.times(slot),
                "busy": True,
                "note": "<br>".join([*filter(None, lines), f"Rebook reference: {our_ref}"]),
                **({"owner_id": user(owner)} if owner else {}),
                **wire.links(old),
            }
        )
        must_stand(made, slot)
        identity = identity_of(made)
        if old:
            with after_a_write():
                self.close(old, identity)
        return identity

    def close(self, old: wire.Row, successor: str) -> None:
        """Done, so that it is nobody's overdue work; missed, where a word for that is configured."""
        said = {} if wire.says(old, self._settings) else wire.saying("noshow", self._settings)
        line = f"Rebook: activity {successor} takes its place."
        with suppress(NotFound):
            note = wire.with_line(old.get("note"), line)
            self.change(identity_of(old), {**said, "done": True, "note": note})

    def reader(self) -> Callable[[wire.Row], Appointment]:
        """Reads rows; a person is asked for once, and only where they may be written to."""
        person_of = lru_cache(maxsize=1000)(self._person)

        def read(row: wire.Row) -> Appointment:
            bare = wire.appointment(row, self._settings, Person())
            if bare.status is Status.FULFILLED:
                return bare
            linked = wire.person_id(row)
            who = person_of(linked) if linked else wire.guest(row)
            return wire.appointment(row, self._settings, who)

        return read

    def _person(self, person_id: int) -> Person:
        """A person that was deleted or is hidden from us is nobody."""
        with suppress(NotFound):
            found = _data(self._http.get(f"api/v2/persons/{person_id}"))
            return wire.person(found, self._settings.get("region") or "US")
        return Person()


def must_stand(row: wire.Row, slot: Slot) -> None:
    with documented():
        if wire.start(row) != slot.starts_at:
            raise VendorFault("the activity is not at the time it was given")


def identity_of(row: wire.Row) -> str:
    with documented():
        return str(int(row["id"]))


def user(calendar: str) -> int:
    if not (calendar.isascii() and calendar.isdigit()):
        raise Refused("not a user's id", code="unknown_calendar")
    return int(calendar)


def _data(answer: Any) -> Json:
    with documented():
        return dict(answer["data"])


def _path(activity_id: str) -> str:
    if not (activity_id.isascii() and activity_id.isdigit()):
        raise NotFound("not an activity's id")
    return f"{ACTIVITIES}/{activity_id}"
