"""Calendly's events: nothing is ever moved, an invitee who reschedules gets a new event."""

import secrets
from datetime import UTC, datetime, timedelta

from sandbox import people
from sandbox.acuity.book import calendar_email
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES, Service
from sandbox.calendly.hooks import Hooks
from sandbox.calendly.links import Links
from sandbox.calendly.wire import forbidden, invalid, last, not_found, read_time, stamp, uri
from sandbox.kit import Kit
from sandbox.wire import Json

STEP = timedelta(minutes=30)
TRACKING = (
    "utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid",
)  # fmt: skip


class Book:
    """Events and their one invitee each, by the same number."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self.services = {f"ET{one.id}": one for one in SERVICES}
        self.hosts = {
            f"US{n:03d}": name for n, name in enumerate(people.practitioners(kit.config.clients))
        }
        self.organization = uri("organizations", "ORSANDBOX")
        self.events: dict[str, Json] = {}
        self.invitees: dict[str, Json] = {}
        self.own_messages: list[Json] = []
        self.links = Links(self.kit.clock)
        visits = people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        for number, visit in enumerate(visits):
            self._seed(visit, FIRST_APPOINTMENT + number)

    def _seed(self, visit: people.Visit, acuity_id: int) -> None:
        client = visit.client
        told = {
            "name": f"{client.first} {client.last}",
            "email": client.email,
            "timezone": self.kit.zone_name,
            "text_reminder_number": client.phone,
        }
        answers = [{"question": "Booking number", "answer": str(acuity_id), "position": 0}]
        service = f"ET{SERVICES[visit.service].id}"
        start = visit.start.astimezone(UTC)
        self._add(service, list(self.hosts)[visit.calendar], start, told, answers=answers)

    def event(self, number: str) -> Json:
        if number not in self.events:
            raise not_found()
        return self.events[number]

    def invitee(self, number: str) -> Json:
        if number not in self.invitees:
            raise not_found()
        return self.invitees[number]

    def service(self, address: object) -> tuple[str, Service]:
        number = last(address)
        if number not in self.services:
            raise invalid("event_type", "is not known")
        return number, self.services[number]

    def create(self, body: Json) -> Json:
        """Calendly writes to the invitee itself, always."""
        service, _told = self.service(body.get("event_type"))
        start = read_time(body.get("start_time"), "start_time")
        person = body.get("invitee") if isinstance(body.get("invitee"), dict) else {}
        assert isinstance(person, dict)
        if "@" not in str(person.get("email")) or not (
            person.get("name") or person.get("first_name")
        ):
            raise invalid("invitee", "needs a name and an email")
        free = self.free_hosts(service, start)
        if not free:
            raise invalid("start_time", "is not available")
        tracking = body.get("tracking") or {}
        made = self._add(service, free[0], start, person, tracking=tracking)
        self._told("invitee.created", made)
        return made

    def free_hosts(self, service: str, start: datetime) -> list[str]:
        """Whoever has the whole time free within opening hours."""
        end = start + timedelta(minutes=self.services[service].minutes)
        local, until = (moment.astimezone(self.kit.zone) for moment in (start, end))
        opened = local.weekday() != people.CLOSED_WEEKDAY and local.date() == until.date()
        within = local.time() >= people.OPENS and until.time() <= people.CLOSES
        if start <= self.kit.clock.now() or not (opened and within):
            return []
        taken = {
            last(event["event_memberships"][0]["user"])
            for event in self.events.values()
            if event["status"] == "active"
            and datetime.fromisoformat(event["start_time"]) < end
            and start < datetime.fromisoformat(event["end_time"])
        }
        return [host for host in self.hosts if host not in taken]

    def free_times(self, service: str, starts: datetime, ends: datetime) -> list[datetime]:
        first = starts.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        count = int((ends - first) / STEP) + 1
        times = [first + STEP * number for number in range(count)]
        return [t for t in times if starts <= t < ends and self.free_hosts(service, t)]

    def cancel(self, number: str, by: str, reason: str) -> Json:
        event, invitee = self.event(number), self.invitee(number)
        if event["status"] == "canceled":
            raise forbidden("Event is already canceled")
        if datetime.fromisoformat(event["start_time"]) <= self.kit.clock.now():
            raise forbidden("Event in the past")
        told = {
            "canceled_by": invitee["name"] if by == "invitee" else "Harbour Street Studio",
            "reason": reason,
            "canceler_type": by,
            "created_at": stamp(self.kit.clock.now()),
        }
        self._cancelled(number, told)
        self._told("invitee.canceled", invitee)
        return told

    def reschedule(self, number: str) -> Json:
        """What an invitee does by the link in their mail: a week later, or the first free time after."""
        event, old = self.event(number), self.invitee(number)
        service = last(event["event_type"])
        start = datetime.fromisoformat(event["start_time"]) + timedelta(days=7)
        later = self.free_times(service, start, start + timedelta(days=7))[0]
        made = self._add(service, self.free_hosts(service, later)[0], later, old)
        made["old_invitee"], made["questions_and_answers"] = (
            old["uri"],
            old["questions_and_answers"],
        )
        old |= {"rescheduled": True, "new_invitee": made["uri"]}
        told = {"canceled_by": old["name"], "reason": None, "canceler_type": "invitee"}
        self._cancelled(number, {**told, "created_at": stamp(self.kit.clock.now())})
        self._told("invitee.canceled", old)
        self._told("invitee.created", made)
        return made

    def missed(self, number: str) -> Json:
        """What a host marks. The event's own time of change stays as it is."""
        invitee = self.invitee(number)
        if not invitee["no_show"]:
            now = stamp(self.kit.clock.now())
            address = uri("invitee_no_shows", secrets.token_hex(8))
            invitee["no_show"] = {"uri": address, "created_at": now}
            self.hooks.tell("invitee_no_show.created", invitee, self.event(number))
        return {**invitee["no_show"], "invitee": invitee["uri"]}

    def _cancelled(self, number: str, told: Json) -> None:
        now = stamp(self.kit.clock.now())
        counter = {"total": 1, "active": 0, "limit": 1}
        self.events[number] |= {
            "status": "canceled",
            "cancellation": told,
            "updated_at": now,
            "invitees_counter": counter,
        }
        self.invitees[number] |= {"status": "canceled", "cancellation": told, "updated_at": now}

    def _told(self, event: str, invitee: Json) -> None:
        number = last(invitee["event"])
        self.own_messages.append({"event": event, "invitee": invitee["uri"]})
        self.hooks.tell(event, invitee, self.event(number))

    def _add(
        self,
        service: str,
        host: str,
        start: datetime,
        person: Json,
        *,
        tracking: Json | None = None,
        answers: list[Json] | None = None,
    ) -> Json:
        number, now = f"EV{secrets.token_hex(7).upper()}", stamp(self.kit.clock.now())
        told, name = self.services[service], self.hosts[host]
        self.events[number] = {
            "uri": uri("scheduled_events", number),
            "name": told.name,
            "status": "active",
            "start_time": stamp(start),
            "end_time": stamp(start + timedelta(minutes=told.minutes)),
            "event_type": uri("event_types", service),
            "location": {"type": "physical", "location": "12 Harbour Street"},
            "invitees_counter": {"total": 1, "active": 1, "limit": 1},
            "created_at": now,
            "updated_at": now,
            "event_memberships": [
                {"user": uri("users", host), "user_email": calendar_email(name), "user_name": name}
            ],
            "event_guests": [],
            "calendar_event": {"kind": "google", "external_id": number.lower()},
        }
        whole = f"{person.get('first_name') or ''} {person.get('last_name') or ''}".strip()
        self.invitees[number] = {
            "uri": uri("scheduled_events", f"{number}/invitees/{secrets.token_hex(8)}"),
            "email": person["email"],
            "first_name": person.get("first_name"),
            "last_name": person.get("last_name"),
            "name": person.get("name") or whole,
            "status": "active",
            "questions_and_answers": answers or [],
            "timezone": person.get("timezone"),
            "event": uri("scheduled_events", number),
            "created_at": now,
            "updated_at": now,
            "tracking": {key: (tracking or {}).get(key) for key in TRACKING},
            "text_reminder_number": person.get("text_reminder_number"),
            "rescheduled": False,
            "old_invitee": None,
            "new_invitee": None,
            "cancel_url": f"https://calendly.sandbox.test/cancellations/{number}",
            "reschedule_url": f"https://calendly.sandbox.test/reschedulings/{number}",
            "routing_form_submission": None,
            "payment": None,
            "no_show": None,
            "reconfirmation": None,
        }
        return self.invitees[number]
