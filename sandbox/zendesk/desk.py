"""Zendesk's tickets: fields are merged, tags replaced, closed ones stay as they are."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal, truth
from sandbox.zendesk.wire import invalid, not_found, refusal, stamp

STATUS, TIME, SERVICE, LINK = 9001, 9002, 9003, 9004
OPTIONS = {
    "Booked": "appt_booked",
    "Canceled": "appt_canceled",
    "Missed": "appt_missed",
    "Done": "appt_done",
}
FIRST_TICKET, FIRST_USER, AGENT = 35001, 501, 490
PLAIN = {"subject", "status", "type", "priority", "external_id", "due_at"}
SETTLES = timedelta(minutes=1)
Told = Callable[[Json, Json], None]


class Desk:
    """`told` hears of each change: the ticket's fields before and the ticket after."""

    def __init__(self, kit: Kit, told: Told) -> None:
        self.kit = kit
        self._told = told
        self._tickets = itertools.count(FIRST_TICKET)
        self._users = itertools.count(FIRST_USER)
        self._comments = itertools.count(80001)
        self._keys: dict[str, tuple[Json, int]] = {}
        self.page = 1000
        self.users: dict[int, Json] = {}
        self.tickets: dict[int, Json] = {}
        self.comments: dict[int, list[Json]] = {}
        for number, visit in enumerate(
            people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        ):
            self._seed(number, visit)

    def _seed(self, number: int, visit: people.Visit) -> None:
        client, service = visit.client, SERVICES[visit.service].name
        user = self._user(f"{client.first} {client.last}", client.email, client.phone)
        values = {
            STATUS: OPTIONS["Booked"],
            TIME: visit.start.isoformat(timespec="minutes"),
            SERVICE: service,
            LINK: str(FIRST_APPOINTMENT + number),
        }
        ticket = self._blank(user["id"], service)
        _fill(ticket, values)
        ticket["updated_at"] = stamp(self.kit.clock.now() - timedelta(hours=1))
        ticket["generated_timestamp"] = int(self.kit.clock.timestamp()) - 3600
        self._comment(ticket["id"], {"body": "A visit was booked.", "public": False})

    def _user(self, name: str, email: str, phone: str = "") -> Json:
        known = [one for one in self.users.values() if email and one["email"] == email]
        if known:
            return known[0]
        number = next(self._users)
        user: Json = {"id": number, "name": name, "email": email, "role": "end-user"}
        self.users[number] = {**user, "phone": phone or None, "active": True}
        return self.users[number]

    def _blank(self, requester: int, subject: str) -> Json:
        number, now = next(self._tickets), stamp(self.kit.clock.now())
        ticket: Json = {
            "id": number,
            "url": f"https://sandbox.zendesk.test/api/v2/tickets/{number}.json",
            "via": {"channel": "api"},
            "created_at": now,
            "updated_at": now,
            "generated_timestamp": int(self.kit.clock.timestamp()),
            "subject": subject,
            "raw_subject": subject,
            "status": "open",
            "requester_id": requester,
            "submitter_id": AGENT,
            "tags": [],
            "custom_fields": [{"id": f, "value": None} for f in (STATUS, TIME, SERVICE, LINK)],
        }
        self.tickets[number] = ticket
        self.comments[number] = []
        return ticket

    def find(self, number: int) -> Json:
        found = self.tickets.get(number)
        if found is None or found["status"] == "deleted":
            raise not_found()
        return found

    def create(self, given: Json, key: str) -> tuple[Json, bool]:
        """A repeated idempotency key gives the first answer again. Says whether it was a repeat."""
        if key in self._keys:
            before, number = self._keys[key]
            if before != given:
                raise refusal(400, "IdempotentRequestError", "The parameters differ.")
            return self.tickets[number], True
        if not isinstance(given.get("comment"), dict) or not given["comment"].get("body"):
            raise invalid("description", "Description: cannot be blank")
        ticket = self._blank(self._requester(given), str(given.get("subject") or ""))
        self._write(ticket, given)
        if key:
            self._keys[key] = (given, ticket["id"])
        self._told({}, ticket)
        return ticket, False

    def _requester(self, given: Json) -> int:
        source = given.get("via_followup_source_id")
        if source:
            followed = self.find(int(source))
            if followed["status"] != "closed":
                raise invalid("via_followup_source_id", "The ticket is not closed")
            return int(followed["requester_id"])
        person = given.get("requester") or {}
        if not person:
            return AGENT
        return int(self._user(str(person.get("name") or ""), str(person.get("email") or ""))["id"])

    def update(self, number: int, given: Json) -> Json:
        ticket = self.find(number)
        if ticket["status"] == "closed":
            raise invalid("status", "Status: closed prevents ticket update")
        if truth(given.get("safe_update")) and given.get("updated_stamp") != ticket["updated_at"]:
            raise refusal(409, "UpdateConflict", "Safe Update prevented the update.")
        before = fields(ticket)
        self._write(ticket, given)
        self._told(before, ticket)
        return ticket

    def _write(self, ticket: Json, given: Json) -> None:
        ticket.update({name: given[name] for name in PLAIN & given.keys()})
        if "tags" in given:
            ticket["tags"] = [str(tag) for tag in given["tags"]]
        _fill(ticket, _values(given.get("custom_fields") or []))
        if isinstance(given.get("comment"), dict):
            self._comment(ticket["id"], given["comment"])
        ticket["updated_at"] = stamp(self.kit.clock.now())
        ticket["generated_timestamp"] = int(self.kit.clock.timestamp())

    def _comment(self, number: int, given: Json) -> None:
        self.comments[number].append(
            {
                "id": next(self._comments),
                "type": "Comment",
                "author_id": AGENT,
                "body": str(given.get("body") or ""),
                "public": given.get("public", True) is not False,
                "created_at": stamp(self.kit.clock.now()),
            }
        )

    def export(self, since: float, after: int) -> tuple[list[Json], bool]:
        """Changed after (time, id), oldest first; what changed in the last minute is held back."""
        settled = (self.kit.clock.now() - SETTLES).timestamp()
        found = [
            ticket
            for ticket in self.tickets.values()
            if (ticket["generated_timestamp"], ticket["id"]) > (since, after)
            and ticket["generated_timestamp"] <= settled
        ]
        found.sort(key=lambda ticket: (ticket["generated_timestamp"], ticket["id"]))
        return found[: self.page], len(found) <= self.page


def fields(ticket: Json) -> Json:
    return {str(field["id"]): field["value"] for field in ticket["custom_fields"]}


def _values(given: Any) -> dict[int, Any]:
    rows = given if isinstance(given, list) else []
    if any(not isinstance(row, dict) for row in rows):
        raise Refusal(400, {"error": "InvalidFormat", "description": "custom_fields"})
    return {int(row.get("id") or 0): row.get("value") for row in rows}


def _fill(ticket: Json, values: dict[int, Any]) -> None:
    """A dropdown's value is a tag, and stands among the ticket's tags too. Unknown ids are ignored."""
    status = values.get(STATUS)
    if status and status not in OPTIONS.values():
        raise invalid(f"custom_fields_{STATUS}", "is not an option of this field")
    for field in ticket["custom_fields"]:
        field["value"] = values.get(field["id"], field["value"])
    kept = [tag for tag in ticket["tags"] if tag not in OPTIONS.values()]
    shown = [value for value in fields(ticket).values() if value in OPTIONS.values()]
    ticket["tags"] = sorted({*kept, *shown})
