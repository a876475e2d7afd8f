"""Freshdesk's tickets and contacts. One automation rule tells us when the reason becomes a loss."""

import html
import itertools
import json
import re
from datetime import timedelta

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES
from sandbox.courier import Post
from sandbox.freshdesk.wire import invalid, stamp
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal

CHOICES = ["appointment booked", "canceled appointment", "missed appointment", "appointment kept"]
LOST = {"canceled appointment", "missed appointment"}
FIELDS = {"cf_reason", "cf_appointment_time", "cf_service", "cf_acuity_id", "cf_rebook_ref"}
PLAIN = {"subject", "status", "priority", "type", "tags", "due_by"}
AGENT = 490
TAG = re.compile(r"<[^>]*>")


class Desk:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.token = "sandbox" + kit.secrets.make("freshdesk-token", 25)
        self._tickets = itertools.count(2001)
        self._contacts = itertools.count(501)
        self._notes = itertools.count(70001)
        self.tickets: dict[int, Json] = {}
        self.contacts: dict[int, Json] = {}
        self.conversations: dict[int, list[Json]] = {}
        self.mailed: list[int] = []
        for number, visit in enumerate(
            people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        ):
            self._seed(number, visit)

    def _seed(self, number: int, visit: people.Visit) -> None:
        client, service = visit.client, SERVICES[visit.service].name
        contact = self._contact(f"{client.first} {client.last}", client.email, client.phone)
        values = {
            "cf_reason": CHOICES[0],
            "cf_appointment_time": visit.start.isoformat(timespec="minutes"),
            "cf_service": service,
            "cf_acuity_id": str(FIRST_APPOINTMENT + number),
        }
        ticket = self._blank(contact, {"subject": service, "status": 2, "priority": 1})
        ticket["custom_fields"] |= values
        ticket["updated_at"] = stamp(self.kit.clock.now() - timedelta(hours=1))

    def _contact(self, name: str, email: str, phone: str) -> int:
        for known in self.contacts.values():
            if (email and known["email"] == email) or (phone and known["phone"] == phone):
                return int(known["id"])
        number = next(self._contacts)
        one: Json = {"id": number, "name": name, "email": email or None, "phone": phone or None}
        self.contacts[number] = {**one, "mobile": None, "active": True}
        return number

    def _blank(self, requester: int, given: Json) -> Json:
        number, now = next(self._tickets), stamp(self.kit.clock.now())
        self.tickets[number] = {
            "id": number,
            "subject": given.get("subject"),
            "status": given["status"],
            "priority": given["priority"],
            "source": 2,
            "type": None,
            "requester_id": requester,
            "spam": False,
            "tags": [],
            "created_at": now,
            "updated_at": now,
            "custom_fields": dict.fromkeys(sorted(FIELDS)),
        }
        self.conversations[number] = []
        return self.tickets[number]

    def find(self, number: int) -> Json:
        if number not in self.tickets:
            raise Refusal(404, "")
        return self.tickets[number]

    def shown(self, ticket: Json, include: str) -> Json:
        if "requester" not in include.split(","):
            return ticket
        return {**ticket, "requester": self.contacts[ticket["requester_id"]]}

    def create(self, given: Json) -> Json:
        for needed in ("subject", "description", "status", "priority"):
            if not given.get(needed):
                raise invalid(needed, "missing_field")
        email, phone = str(given.get("email") or ""), str(given.get("phone") or "")
        if not (email or phone):
            raise invalid("requester_id", "missing_field")
        _check(given)
        ticket = self._blank(self._contact(str(given.get("name") or email), email, phone), given)
        self._write(ticket, given)
        return ticket

    def update(self, number: int, given: Json) -> Json:
        ticket = self.find(number)
        _check(given)
        before = ticket["custom_fields"]["cf_reason"]
        self._write(ticket, given)
        after = ticket["custom_fields"]["cf_reason"]
        if after != before and after in LOST:
            self._tell(ticket)
        return ticket

    def _write(self, ticket: Json, given: Json) -> None:
        """A PUT is partial; only `tags` replaces what was there."""
        ticket.update({name: given[name] for name in PLAIN & given.keys()})
        ticket["custom_fields"] |= given.get("custom_fields") or {}
        ticket["updated_at"] = stamp(self.kit.clock.now())

    def _tell(self, ticket: Json) -> None:
        """The rule as the handbook has the admin write it. Freshdesk signs nothing."""
        told = {"ticket_id": str(ticket["id"]), "reason": ticket["custom_fields"]["cf_reason"]}
        headers = {"Content-Type": "application/json", "X-Rebook-Token": self.token}
        body = json.dumps(told).encode()
        url = self.kit.config.hook("freshdesk")
        self.kit.courier.send(Post("freshdesk", url, "rule", lambda: (headers, body)))

    def converse(self, number: int, given: Json, *, private: bool) -> Json:
        """A note, or a reply, which Freshdesk mails to the requester."""
        ticket, now = self.find(number), stamp(self.kit.clock.now())
        if not given.get("body"):
            raise invalid("body", "missing_field")
        note: Json = {
            "id": next(self._notes),
            "ticket_id": number,
            "user_id": AGENT,
            "body": given["body"],
            "body_text": html.unescape(TAG.sub(" ", str(given["body"]))),
            "private": private,
            "incoming": False,
            "created_at": now,
            "updated_at": now,
        }
        self.conversations[number].append(note)
        ticket["updated_at"] = now
        if not private:
            self.mailed.append(number)
        return note


def _check(given: Json) -> None:
    fields = given.get("custom_fields") or {}
    if not isinstance(fields, dict):
        raise invalid("custom_fields", "datatype_mismatch")
    for name in fields.keys() - FIELDS:
        raise invalid(name, "invalid_field")
    if fields.get("cf_reason") not in (None, *CHOICES):
        raise invalid("cf_reason")
    if given.get("status") not in (None, 2, 3, 4, 5):
        raise invalid("status")
