"""Acuity Scheduling: https://developers.acuityscheduling.com. Its own mails are always turned off."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx

from connectors.acuity import availability, wire
from connectors.acuity.walk import LIMIT, Walk, Window
from connectors.contract import (
    BookingRequest,
    Capability,
    Connector,
    Page,
    SignatureCovers,
    SlotQuery,
    StoredWebhook,
    Translated,
    Verified,
    Watch,
    WebhookRequest,
)
from connectors.errors import NotFound, Refused, SlotTaken, VendorFault
from connectors.http import Http, sending
from connectors.pace import Paced, pace_for
from connectors.parsing import documented, e164
from connectors.signatures import check_hmac_base64
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status

HOME = "https://acuityscheduling.com/api/v1"
REQUESTS_A_SECOND = 4
QUIET = {"admin": True, "noEmail": True}
EVENTS = ("appointment.canceled", "appointment.rescheduled", "appointment.scheduled")


class Acuity(Connector):
    """Settings: `region` (US), `days_back` (2), `days_ahead` (60), `ref_field` (id of a form question)."""

    slug = "acuity"
    name = "Acuity Scheduling"
    docs = "https://developers.acuityscheduling.com/reference"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "scheduled": ChangeKind.BOOKED,
        "rescheduled": ChangeKind.MOVED,
        "changed": ChangeKind.MOVED,
        "canceled": ChangeKind.CANCELLED,
    }
    signature_covers = frozenset({SignatureCovers.BODY})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.BUSY: "availability is answered by find_slots; there is no free/busy call",
        Capability.TASK: "Acuity has no tasks",
        Capability.MESSAGE: "Acuity sends its own notices only; it has no call to send a message",
        Capability.UPDATE_MESSAGE: "Acuity has no call to send a message",
        Capability.EVIDENCE: "Acuity has no call to send a message",
        Capability.CAMPAIGN: "Acuity has no campaigns",
        Capability.SUGGEST: "its only entry for a time is a block, which would take it from every client",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Acuity":
        """Credentials: `user_id` and `api_key`. Acuity's tokens do not rotate: `tokens` is unused."""
        home = base_url or HOME
        http = Http(
            home,
            auth=httpx.BasicAuth(credentials["user_id"], credentials["api_key"]),
            transport=Paced(
                sending(),
                pace_for(f"{credentials['user_id']}@{home}", settings, REQUESTS_A_SECOND),
            ),
            code_of=wire.error_code,
        )
        return cls(http, settings, credentials)

    def check(self) -> str:
        with documented():
            me = self.http.get("me")
            return str(me.get("name") or me.get("id") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        check_hmac_base64(request.header("x-acuity-signature"), request.body, secrets)
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Whether a cancelled appointment was missed is known only when it is fetched."""
        form = parse_qs(stored.body.decode("utf-8", "replace"))
        action = form.get("action", [""])[0].removeprefix("appointment.")
        found = form.get("id", [""])[0]
        if action not in self.webhook_kinds or not (found.isascii() and found.isdigit()):
            return []
        return [Change(self.webhook_kinds[action], found)]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        walk = Walk(self._days, self._row, self._calendars, self._read)
        today = clock.now().date()
        back = timedelta(days=int(self.settings.get("days_back") or 2))
        ahead = timedelta(days=int(self.settings.get("days_ahead") or 60))
        yield from walk.pages(Window(today - back, today + ahead), cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return self._read(self._row(appointment_id))

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        return availability.find_slots(self.http, query)

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        with _asked_well():
            body = wire.booking(request, ref=our_ref, ref_field=self._ref_field)
        with _slot_may_be_taken():
            made = self.http.post("appointments", body, noEmail=True)
        with documented():
            return str(int(made["id"]))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """By our reference where a form question carries it, else by person, time and service."""
        day = request.slot.starts_at.astimezone(ZoneInfo(request.zone)).date()
        person = request.person
        who = {"email": person.email} if person.email else {"phone": person.phone}
        rows = self._list(day - timedelta(days=1), day + timedelta(days=1), **who)
        if len(rows) >= LIMIT:
            raise VendorFault("the list that would hold the booking is cut off")
        for row in rows:
            found = self._read(row)
            if found.id != request.was and self._is_ours(found, request, our_ref):
                return found.id
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """Acuity keeps no versions: the last one to move wins."""
        with _asked_well():
            body: dict[str, Any] = {"datetime": slot.starts_at.isoformat()}
            if slot.calendar:
                body["calendarID"] = wire.number(slot.calendar)
        with _slot_may_be_taken():
            moved = self.http.put(f"{_path(appointment_id)}/reschedule", body, noEmail=True)
        if self._read(moved).starts_at != slot.starts_at:
            raise VendorFault("the appointment is not at the time it was moved to")
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        try:
            self._cancel(appointment_id, {"cancelNote": reason})
        except Refused:
            if self.fetch_appointment(appointment_id).status is Status.BOOKED:
                raise

    def mark_noshow(self, appointment_id: str) -> None:
        """At Acuity a missed appointment is a cancelled one with a mark, set by an admin."""
        try:
            self._cancel(appointment_id, {"noShow": True})
        except Refused:
            if self.fetch_appointment(appointment_id).status is not Status.NOSHOW:
                raise

    def annotate(self, appointment_id: str, note: str) -> None:
        with documented():
            notes = str(self._row(appointment_id).get("notes") or "")
        if note not in notes.splitlines():
            notes = f"{notes.rstrip()}\n{note}".lstrip()
            self.http.put(_path(appointment_id), {"notes": notes}, admin=True)

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        """Acuity signs with the account's API key: `secret` is not sent. Hooks do not lapse."""
        with documented():
            hooks = [(str(h["id"]), str(h["event"]), str(h["target"])) for h in self._hooks()]
        kept = {event: hook for hook, event, target in hooks if target == callback_url}
        for event in EVENTS:
            if event not in kept:
                made = self.http.post("webhooks", {"event": event, "target": callback_url})
                with documented():
                    kept[event] = str(made["id"])
        ids = [kept[event] for event in EVENTS]
        for old in current.id.split(",") if current else []:
            if old and old not in ids:
                with suppress(NotFound):
                    self.http.delete(f"webhooks/{wire.number(old)}")
        return Watch(id=",".join(ids), resource=callback_url)

    def _hooks(self) -> list[wire.Row]:
        found: list[wire.Row] = self.http.get("webhooks")
        return found

    @property
    def _region(self) -> str:
        return self.settings.get("region") or "US"

    @property
    def _ref_field(self) -> str:
        return self.settings.get("ref_field", "")

    def _row(self, appointment_id: str) -> wire.Row:
        row: wire.Row = self.http.get(_path(appointment_id))
        return row

    def _read(self, row: wire.Row) -> Appointment:
        return wire.appointment(row, region=self._region, ref_field=self._ref_field)

    def _days(self, first: date, last: date, calendar: str) -> list[wire.Row]:
        return self._list(first, last, calendarID=calendar or None)

    def _list(self, first: date, last: date, **query: Any) -> list[wire.Row]:
        """Cancelled ones too. Acuity takes no offset: whoever asks must mind `LIMIT`."""
        rows = self.http.get(
            "appointments",
            minDate=first.isoformat(),
            maxDate=last.isoformat(),
            max=LIMIT,
            direction="ASC",
            showall=True,
            excludeForms=None if self._ref_field else True,
            **query,
        )
        with documented():
            return [dict(row) for row in rows]

    def _calendars(self) -> list[str]:
        with documented():
            return [str(int(row["id"])) for row in self.http.get("calendars")]

    def _cancel(self, appointment_id: str, body: dict[str, Any]) -> None:
        self.http.request("PUT", f"{_path(appointment_id)}/cancel", json=body, query=QUIET)

    def _is_ours(self, found: Appointment, request: BookingRequest, our_ref: str) -> bool:
        if self._ref_field:
            return found.ours == our_ref and found.status is Status.BOOKED
        return (
            found.status is Status.BOOKED
            and found.starts_at == request.slot.starts_at
            and found.service_id == request.service_id
            and request.slot.calendar in ("", found.calendar)
            and self._is_same_person(found, request)
        )

    def _is_same_person(self, found: Appointment, request: BookingRequest) -> bool:
        wanted, there = request.person, found.person
        if wanted.email:
            return wanted.email.casefold() == there.email.casefold()
        return bool(wanted.phone) and e164(wanted.phone, self._region) == there.phone


def _path(appointment_id: str) -> str:
    try:
        return f"appointments/{wire.number(appointment_id)}"
    except ValueError:
        raise NotFound("not an Acuity appointment id") from None


@contextmanager
def _asked_well() -> Iterator[None]:
    """Ids that Acuity could not have given us are refused before anything is sent."""
    try:
        yield
    except ValueError:
        raise Refused("not an Acuity id", code="invalid_id") from None


@contextmanager
def _slot_may_be_taken() -> Iterator[None]:
    """Acuity's codes for a time it will not book: the caller offers another."""
    try:
        yield
    except Refused as error:
        if error.code.startswith(("not_available", "no_available")):
            raise SlotTaken("the platform no longer offers this time") from None
        raise
