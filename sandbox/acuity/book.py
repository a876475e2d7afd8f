"""Acuity's appointment book: the rules for creating, moving, cancelling, and who is told."""

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox import people
from sandbox.acuity.hooks import Hooks
from sandbox.acuity.model import (
    FIRST_APPOINTMENT,
    FIRST_CALENDAR,
    SERVICES,
    Appointment,
    Calendar,
    Service,
)
from sandbox.acuity.times import Times
from sandbox.acuity.wire import read_answers, read_time, refusal
from sandbox.kit import Kit
from sandbox.wire import Json


class Book:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self.services = {service.id: service for service in SERVICES}
        self.calendars = {c.id: c for c in _calendars(kit)}
        self.appointments: dict[int, Appointment] = {}
        self.own_messages: list[Json] = []
        self._ids = itertools.count(FIRST_APPOINTMENT)
        for visit in people.visits(kit.config.clients, kit.clock.now(), kit.zone):
            self._add(visit.client, visit.start, visit.service, visit.calendar)

    def _add(self, client: people.Client, start: datetime, service: int, calendar: int) -> None:
        self._keep(
            Appointment(
                next(self._ids),
                client.first,
                client.last,
                client.phone,
                client.email,
                start.astimezone(UTC),
                SERVICES[service],
                list(self.calendars.values())[calendar],
                self.kit.zone_name,
                self.kit.clock.now(),
            )
        )

    def _keep(self, one: Appointment) -> Appointment:
        self.appointments[one.id] = one
        return one

    def find(self, appointment_id: int) -> Appointment:
        one = self.appointments.get(appointment_id)
        if one is None:
            raise refusal(404, "The appointment does not exist.", "not_found")
        return one

    def service(self, service_id: object) -> Service:
        found = self.services.get(_number(service_id))
        if found is None:
            raise refusal(400, "The appointment type does not exist.", "invalid_appointment_type")
        return found

    def calendar(self, calendar_id: object) -> Calendar:
        found = self.calendars.get(_number(calendar_id))
        if found is None:
            raise refusal(400, "The calendar does not exist.", "invalid_calendar")
        return found

    def choice(self, calendar_id: object) -> list[Calendar]:
        """The calendar named, or all of them where none is."""
        if calendar_id in (None, ""):
            return list(self.calendars.values())
        return [self.calendar(calendar_id)]

    def times(self, ignoring: set[int] | None = None) -> Times:
        return Times(self.appointments.values(), self.kit.clock.now(), ignoring or set())

    def create(self, body: Json, *, admin: bool, mail: bool) -> Appointment:
        """With `admin` the calendar must be named and availability is not checked."""
        _require_person(body, admin=admin)
        answers = read_answers(body.get("fields"))
        service = self.service(body.get("appointmentTypeID"))
        if admin and body.get("calendarID") in (None, ""):
            raise refusal(400, "An admin must name the calendar.", "required_calendar")
        start = read_time(body.get("datetime"), self.kit.zone_name)
        calendar = self._place(start, service, self.choice(body.get("calendarID")), admin=admin)
        first, last, phone, email = (
            str(body.get(name) or "") for name in ("firstName", "lastName", "phone", "email")
        )
        one = Appointment(
            next(self._ids),
            first,
            last,
            phone,
            email,
            start.astimezone(UTC),
            service,
            calendar,
            _zone(body.get("timezone"), self.kit.zone_name),
            self.kit.clock.now(),
            "api@sandbox.example.com" if admin else None,
        )
        one.answers = answers
        one.notes = str(body.get("notes") or "") if admin else ""
        self._done("scheduled", self._keep(one), mail=mail)
        return one

    def _place(
        self,
        start: datetime,
        service: Service,
        calendars: list[Calendar],
        *,
        admin: bool,
        ignoring: set[int] | None = None,
    ) -> Calendar:
        if admin:
            return calendars[0]
        times = self.times(ignoring)
        free = [c for c in calendars if times.free(start, service, c)]
        if not free:
            raise refusal(400, "That time is no longer available.", "not_available")
        return free[0]

    def move(self, appointment_id: int, body: Json, *, admin: bool, mail: bool) -> Appointment:
        one = self.find(appointment_id)
        if one.canceled:
            raise refusal(400, "A canceled appointment cannot be moved.", "reschedule_canceled")
        wanted = body.get("calendarID") or one.calendar.id
        start = read_time(body.get("datetime"), one.calendar.zone)
        place = [self.calendar(wanted)]
        one.calendar = self._place(start, one.service, place, admin=admin, ignoring={one.id})
        one.start = start.astimezone(UTC)
        one.zone = _zone(body.get("timezone"), one.zone)
        self._done("rescheduled", one, mail=mail)
        return one

    def cancel(
        self, appointment_id: int, *, admin: bool, mail: bool, note: str = "", no_show: bool = False
    ) -> Appointment:
        """There is no way back, and no second time. A missed visit is a cancel by an admin."""
        one = self.find(appointment_id)
        if one.canceled:
            raise refusal(400, "The appointment cannot be canceled.", "cancel_not_allowed")
        one.canceled, one.cancel_note = True, note
        one.no_show = no_show and admin
        self._done("canceled", one, mail=mail)
        return one

    def change(self, appointment_id: int, body: Json, *, admin: bool) -> Appointment:
        one = self.find(appointment_id)
        if "notes" in body and not admin:
            raise refusal(403, "Only an admin may change notes.", "not_allowed")
        if len(body.get("labels") or []) > 1:
            raise refusal(400, "An appointment has at most one label.", "invalid_labels")
        names = {"firstName": "first_name", "lastName": "last_name"}
        for name in ("firstName", "lastName", "email", "phone", "notes"):
            if name in body:
                setattr(one, names.get(name, name), str(body[name] or ""))
        one.answers |= read_answers(body.get("fields"))
        if "labels" in body:
            one.labels = body["labels"] or None
        self.hooks.tell("changed", one)
        return one

    def _done(self, action: str, one: Appointment, *, mail: bool) -> None:
        """Acuity writes to the client itself unless the call says `noEmail=true`."""
        if mail:
            self.own_messages.append({"action": action, "appointment": one.id})
        self.hooks.tell(action, one)


def _calendars(kit: Kit) -> list[Calendar]:
    return [
        Calendar(FIRST_CALENDAR + number, name, calendar_email(name), kit.zone_name)
        for number, name in enumerate(people.practitioners(kit.config.clients))
    ]


def calendar_email(name: str) -> str:
    return f"{name.replace(' ', '.').lower()}@sandbox.example.com"


def _require_person(body: Json, *, admin: bool) -> None:
    wanted = {"firstName": "first_name", "lastName": "last_name", "email": "email"}
    for name, code in wanted.items():
        if not body.get(name) and not (admin and name == "email"):
            raise refusal(400, f"The field {name} is required.", f"required_{code}")
    if body.get("email") and "@" not in str(body["email"]):
        raise refusal(400, "The e-mail address is not valid.", "invalid_email")


def _zone(value: object, default: str) -> str:
    try:
        return ZoneInfo(str(value)).key if value else default
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal(400, "The timezone is not known.", "invalid_timezone") from None


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else -1
