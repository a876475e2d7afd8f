"""Square's bookings: versions, idempotency keys, and an end from which nothing comes back."""

import json
import secrets
from datetime import datetime, timedelta

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, SERVICES, Service
from sandbox.kit import Kit
from sandbox.square.hooks import Hooks
from sandbox.square.wire import invalid, not_found, read_time, refusal, stamp
from sandbox.wire import Json

LOCATION = "LSANDBOX00001"
CATALOG_VERSION = 1_700_000_000_000
STEP = timedelta(minutes=30)
STANDING = {"PENDING", "ACCEPTED"}
WRITABLE = {"start_at", "customer_note", "seller_note", "appointment_segments", "location_type"}
SEGMENT = {
    "team_member_id", "service_variation_id", "service_variation_version", "duration_minutes",
}  # fmt: skip


class Book:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self.services = {f"SV{one.id}": one for one in SERVICES}
        named = people.practitioners(kit.config.clients)
        self.team = {f"TM{number:03d}": name for number, name in enumerate(named)}
        self.customers: dict[str, Json] = {}
        self.bookings: dict[str, Json] = {}
        self.own_messages: list[Json] = []
        self._done: dict[str, tuple[str, str]] = {}
        visits = people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        for number, visit in enumerate(visits):
            self._seed(visit, number)

    def _seed(self, visit: people.Visit, number: int) -> None:
        client, customer = visit.client, f"CU{number:06d}"
        self.customers[customer] = {
            "id": customer,
            "created_at": stamp(self.kit.clock.now()),
            "updated_at": stamp(self.kit.clock.now()),
            "given_name": client.first,
            "family_name": client.last,
            "email_address": client.email,
            "phone_number": client.phone,
            "preferences": {"email_unsubscribed": False},
            "creation_source": "APPOINTMENTS",
            "version": 0,
        }
        service = f"SV{SERVICES[visit.service].id}"
        segment = self.segment(service, list(self.team)[visit.calendar])
        body = {
            "start_at": stamp(visit.start),
            "location_id": LOCATION,
            "customer_id": customer,
            "appointment_segments": [segment],
            "seller_note": f"acuity_id: {FIRST_APPOINTMENT + number}",
        }
        self._keep(body, f"bk{secrets.token_hex(6)}")

    def segment(self, service: str, member: str) -> Json:
        return {
            "duration_minutes": self.services[service].minutes,
            "service_variation_id": service,
            "service_variation_version": CATALOG_VERSION,
            "team_member_id": member,
        }

    def find(self, number: str) -> Json:
        if number not in self.bookings:
            raise not_found("booking")
        return self.bookings[number]

    def create(self, body: Json) -> Json:
        if known := self._repeated(body):
            return self.find(known)
        booking = _object(body.get("booking"), "booking")
        if booking.get("location_id") != LOCATION:
            raise invalid("booking.location_id")
        if booking.get("customer_id") not in self.customers:
            raise invalid("booking.customer_id", "MISSING_REQUIRED_PARAMETER")
        self._require_free(booking, "")
        made = self._keep(booking, f"bk{secrets.token_hex(6)}")
        self._remember(body, made["id"])
        self._told("booking.created", made)
        return made

    def change(self, number: str, body: Json) -> Json:
        if self._repeated(body):
            return self.find(number)
        old, booking = self.find(number), _object(body.get("booking"), "booking")
        self._require_open(old)
        self._require_version(old, booking.get("version"))
        fresh = {**old, **{k: v for k, v in booking.items() if k in WRITABLE}}
        if fresh["start_at"] != old["start_at"] or "appointment_segments" in booking:
            self._require_free(fresh, number)
            fresh["appointment_segments"] = [_segment(s) for s in fresh["appointment_segments"]]
            fresh["start_at"] = stamp(read_time(fresh["start_at"], "booking.start_at"))
        self._remember(body, number)
        return self._changed(number, fresh)

    def cancel(self, number: str, body: Json) -> Json:
        if self._repeated(body):
            return self.find(number)
        old = self.find(number)
        self._require_open(old)
        if body.get("booking_version") is not None:
            self._require_version(old, body["booking_version"])
        self._remember(body, number)
        return self._changed(number, {**old, "status": "CANCELLED_BY_SELLER"})

    def lose(self, number: str, status: str) -> Json:
        """What a customer or a seller does in Square itself."""
        old = self.find(number)
        self._require_open(old)
        return self._changed(number, {**old, "status": status})

    def free_times(
        self, service: str, members: list[str], starts: datetime, ends: datetime
    ) -> list[tuple[datetime, str]]:
        first = starts.replace(minute=0, second=0, microsecond=0)
        times = [first + STEP * n for n in range(int((ends - first) / STEP) + 1)]
        told = self.services[service]
        return [
            (time, member)
            for time in times
            if starts <= time <= ends
            for member in members
            if self._is_free(time, time + timedelta(minutes=told.minutes), member, "")
        ]

    def service(self, number: object) -> Service:
        if str(number) not in self.services:
            raise invalid("service_variation_id", "NOT_FOUND")
        return self.services[str(number)]

    def _is_free(self, start: datetime, end: datetime, member: str, ignoring: str) -> bool:
        local, until = (moment.astimezone(self.kit.zone) for moment in (start, end))
        opened = local.weekday() != people.CLOSED_WEEKDAY and local.date() == until.date()
        within = local.time() >= people.OPENS and until.time() <= people.CLOSES
        if start <= self.kit.clock.now() or not (opened and within):
            return False
        theirs = [
            one
            for one in self.bookings.values()
            if one["status"] in STANDING
            and one["id"] != ignoring
            and one["appointment_segments"][0]["team_member_id"] == member
        ]
        return not any(span[0] < end and start < span[1] for span in map(span_of, theirs))

    def _require_free(self, booking: Json, ignoring: str) -> None:
        segments = booking.get("appointment_segments") or []
        if not segments or any(not isinstance(s, dict) for s in segments):
            raise invalid("booking.appointment_segments", "MISSING_REQUIRED_PARAMETER")
        for segment in segments:
            self.service(segment.get("service_variation_id"))
            if segment.get("service_variation_version") != CATALOG_VERSION:
                raise refusal(400, "VERSION_MISMATCH", "The service has another version.")
            if segment.get("team_member_id") not in self.team:
                raise invalid("booking.appointment_segments.team_member_id")
        start, end = span_of(booking)
        if not self._is_free(start, end, segments[0]["team_member_id"], ignoring):
            raise refusal(400, "BAD_REQUEST", "The time is not available.", "booking.start_at")

    def _require_open(self, booking: Json) -> None:
        if booking["status"] not in STANDING:
            raise refusal(400, "BAD_REQUEST", "The booking can no longer be changed.")

    def _require_version(self, booking: Json, version: object) -> None:
        if version != booking["version"]:
            raise refusal(400, "CONFLICT", "The booking has another version.", "version")

    def _repeated(self, body: Json) -> str:
        """The booking that a key made before. Another body under the same key is refused."""
        key = str(body.get("idempotency_key") or "")
        if key not in self._done:
            return ""
        number, told = self._done[key]
        if told != _fingerprint(body):
            raise refusal(400, "IDEMPOTENCY_KEY_REUSED", "The key was used for something else.")
        return number

    def _remember(self, body: Json, number: str) -> None:
        if key := str(body.get("idempotency_key") or ""):
            self._done[key] = (number, _fingerprint(body))

    def _keep(self, body: Json, number: str) -> Json:
        now = stamp(self.kit.clock.now())
        self.bookings[number] = {
            "id": number,
            "version": 0,
            "status": "ACCEPTED",
            "created_at": now,
            "updated_at": now,
            "start_at": stamp(read_time(body.get("start_at"), "booking.start_at")),
            "location_id": body["location_id"],
            "customer_id": body["customer_id"],
            "customer_note": str(body.get("customer_note") or ""),
            "seller_note": str(body.get("seller_note") or ""),
            "appointment_segments": [_segment(one) for one in body["appointment_segments"]],
            "transition_time_minutes": 0,
            "all_day": False,
            "location_type": "BUSINESS_LOCATION",
            "source": "API",
        }
        return self.bookings[number]

    def _changed(self, number: str, fresh: Json) -> Json:
        now = stamp(self.kit.clock.now())
        self.bookings[number] = {**fresh, "version": fresh["version"] + 1, "updated_at": now}
        self._told("booking.updated", self.bookings[number])
        return self.bookings[number]

    def _told(self, event: str, booking: Json) -> None:
        """Square writes to customers itself, as the seller has set it."""
        self.own_messages.append({"event": event, "booking": booking["id"]})
        self.hooks.tell(event, booking)


def span_of(booking: Json) -> tuple[datetime, datetime]:
    start = read_time(booking.get("start_at"), "booking.start_at")
    minutes = sum(int(one.get("duration_minutes") or 0) for one in booking["appointment_segments"])
    return start, start + timedelta(minutes=minutes)


def _segment(told: Json) -> Json:
    return {name: value for name, value in told.items() if name in SEGMENT}


def _object(value: object, field: str) -> Json:
    if not isinstance(value, dict):
        raise invalid(field, "MISSING_REQUIRED_PARAMETER")
    return value


def _fingerprint(body: Json) -> str:
    return json.dumps(body, sort_keys=True)
