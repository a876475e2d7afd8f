"""Pipedrive's book: persons and activities, in the shape of its API; each change tells the hooks."""

import itertools
from datetime import UTC, datetime
from typing import Any

from sandbox import people
from sandbox.acuity.model import SERVICES
from sandbox.kit import Kit
from sandbox.pipedrive.hooks import Hooks
from sandbox.wire import Json, Refusal

FIRST_USER = 31
WRITABLE = {
    "subject": str, "type": str, "owner_id": int, "deal_id": int, "lead_id": str, "org_id": int,
    "project_id": int, "due_date": str, "due_time": str, "duration": str, "busy": bool,
    "done": bool, "location": dict, "participants": list, "attendees": list,
    "public_description": str, "priority": int, "note": str, "outcome": int,
}  # fmt: skip


def refusal(status: int, error: str) -> Refusal:
    body = {
        "success": False,
        "error": error,
        "error_info": "",
        "data": None,
        "additional_data": None,
    }
    return Refusal(status, body)


class Store:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self._ids = itertools.count(901)
        names = people.practitioners(kit.config.clients)
        self.users = {FIRST_USER + at: name for at, name in enumerate(names)}
        self.persons: dict[int, Json] = {}
        self.activities: dict[int, Json] = {}
        for number, one in enumerate(people.visits(kit.config.clients, kit.clock.now(), kit.zone)):
            self._seed(number, one)

    def _seed(self, number: int, one: people.Visit) -> None:
        who, service = one.client, SERVICES[one.service]
        person = 61 + number
        self.persons[person] = {
            "id": person,
            "name": f"{who.first} {who.last}",
            "first_name": who.first,
            "last_name": who.last,
            "emails": [{"value": who.email, "primary": True, "label": "home"}],
            "phones": [{"value": who.phone, "primary": True, "label": "mobile"}],
            "is_deleted": False,
        }
        start = one.start.astimezone(UTC)
        self._keep(
            {
                "subject": service.name,
                "type": "meeting",
                "owner_id": FIRST_USER + one.calendar,
                "deal_id": 501 + number,
                "due_date": f"{start:%Y-%m-%d}",
                "due_time": f"{start:%H:%M:%S}",
                "duration": f"{service.minutes // 60:02d}:{service.minutes % 60:02d}:00",
                "busy": True,
                "participants": [{"person_id": person, "primary": True}],
            }
        )

    def _keep(self, given: Json) -> Json:
        number, now = next(self._ids), self._now()
        row: Json = {
            "id": number, "subject": "", "type": "call", "owner_id": FIRST_USER,
            "creator_user_id": FIRST_USER, "is_deleted": False, "add_time": now,
            "update_time": now, "deal_id": None, "lead_id": None, "person_id": None,
            "org_id": None, "project_id": None, "due_date": None, "due_time": None,
            "duration": None, "busy": False, "done": False, "marked_as_done_time": None,
            "location": None, "participants": [], "attendees": [], "public_description": None,
            "priority": None, "note": None, "outcome": None,
        }  # fmt: skip
        self.activities[number] = row
        self._write(row, given)
        return row

    def _now(self) -> str:
        return f"{self.kit.clock.now():%Y-%m-%dT%H:%M:%SZ}"

    def find(self, number: int) -> Json:
        row = self.activities.get(number)
        if row is None:
            raise refusal(404, "Activity not found")
        return row

    def create(self, given: Json) -> Json:
        row = self._keep(_checked(given))
        self.hooks.tell("create", row, None)
        return row

    def change(self, number: int, given: Json) -> Json:
        row = self.find(number)
        if row["is_deleted"]:
            raise refusal(404, "Activity not found")
        before = dict(row)
        self._write(row, _checked(given))
        row["update_time"] = self._now()
        self.hooks.tell("change", row, before)
        return row

    def delete(self, number: int) -> None:
        row = self.find(number)
        if row["is_deleted"]:
            raise refusal(410, "Activity is deleted")
        row["is_deleted"], row["update_time"] = True, self._now()
        self.hooks.tell("delete", None, row)

    def _write(self, row: Json, given: Json) -> None:
        """A time of five letters gets its seconds, and the primary participant is the person."""
        row.update(given)
        for name in ("due_time", "duration"):
            if row[name] and len(row[name]) == 5:
                row[name] += ":00"
        if "participants" in given:
            listed = sorted(given["participants"], key=lambda one: not one.get("primary"))
            row["person_id"] = listed[0]["person_id"] if listed else None
        if given.get("done") is not None:
            row["marked_as_done_time"] = self._now() if given["done"] else None

    def listed(self, query: dict[str, str]) -> tuple[list[Json], str | None]:
        """Deleted ones are shown only when they are asked for by id."""
        found = [row for row in self.activities.values() if _wanted(row, query)]
        by = query.get("sort_by", "id")
        found.sort(key=lambda row: row["id"])
        falling = query.get("sort_direction") == "desc"
        found.sort(key=lambda row: row[by] or 0 if by == "id" else row[by] or "", reverse=falling)
        limit = min(_number(query.get("limit", "100")), 500)
        at = _number(query["cursor"].removeprefix("page-")) if query.get("cursor") else 0
        more = f"page-{at + limit}" if at + limit < len(found) else None
        return found[at : at + limit], more


def _wanted(row: Json, query: dict[str, str]) -> bool:
    if "ids" in query:
        return str(row["id"]) in query["ids"].split(",")
    if row["is_deleted"]:
        return False
    since = query.get("updated_since")
    if since and datetime.fromisoformat(row["update_time"]) < datetime.fromisoformat(since):
        return False
    plain = {name: str(row[name]) for name in ("owner_id", "deal_id", "person_id")}
    plain["done"] = str(row["done"]).lower()
    return all(query[name] == value for name, value in plain.items() if name in query)


def _checked(given: Json) -> Json:
    for name, value in given.items():
        kind: Any = WRITABLE.get(name)
        wrong = kind is None or (value is not None and type(value) is not kind)
        if wrong or (value is None and name != "outcome"):
            raise refusal(400, f"validation failed: {name}")
    return given


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise refusal(400, "validation failed")
    return int(text)
