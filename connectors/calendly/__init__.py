"""Calendly: https://developer.calendly.com. It moves nothing: a new event is booked, the old cancelled."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from connectors.calendly import by_link, hooks, wire
from connectors.calendly.client import calendly
from connectors.calendly.visits import Visits
from connectors.calendly.walk import Walk
from connectors.calendly.wire import Row, Visit
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
from connectors.errors import (
    ConnectorError,
    NotAllowed,
    OnlyByLink,
    Refused,
    SlotTaken,
    TooMany,
    after_a_write,
)
from connectors.parsing import documented, instant, json_of, pairs
from connectors.signatures import check_stamped_hex
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, Change, ChangeKind, Slot, Status

WINDOW = 180
NO_MESSAGES = "Calendly sends its own notices only"


class Calendly(Connector):
    """Settings: `scope` (`organization` or `user`), `service_map` (other system's service=event type),
    `location_kind`, `location`, `text_reminders` (`yes`), `link_fields` (name=connection), `region`,
    `zone`, `days_back` (2), `days_ahead` (60), `token_url`. An appointment's id is `event/invitee`."""

    slug = "calendly"
    name = "Calendly"
    docs = "https://developer.calendly.com/api-docs"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "invitee.created": ChangeKind.BOOKED,
        "invitee.canceled": ChangeKind.CANCELLED,
        "invitee_no_show.created": ChangeKind.NOSHOW,
        "invitee_no_show.deleted": ChangeKind.BOOKED,
    }
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.TIME})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.ANNOTATE: "Calendly has no notes that can be written",
        Capability.TASK: "Calendly has no tasks",
        Capability.MESSAGE: NO_MESSAGES,
        Capability.UPDATE_MESSAGE: NO_MESSAGES,
        Capability.EVIDENCE: NO_MESSAGES,
        Capability.CAMPAIGN: "Calendly's workflows cannot be started for a person",
        Capability.SUGGEST: "it has no entries that are not booked",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Calendly":
        """Credentials: `token`, a personal one; or `client_id`, `client_secret`, `refresh_token`."""
        return cls(calendly(base_url, settings, credentials, tokens), settings, credentials)

    def check(self) -> str:
        return str(self._me.get("name") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        given = request.header("calendly-webhook-signature")
        check_stamped_hex(given, request.body, secrets, seconds=WINDOW)
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Who reschedules is reported as cancelled too: that is no loss, and the new one is told."""
        told = json_of(stored.body)
        told = told if isinstance(told, dict) else {}
        payload, kind = told.get("payload"), self.webhook_kinds.get(str(told.get("event")))
        if kind is None or not isinstance(payload, dict):
            return []
        if kind is ChangeKind.CANCELLED and payload.get("rescheduled"):
            return []
        if kind is ChangeKind.BOOKED and payload.get("old_invitee"):
            kind = ChangeKind.MOVED
        try:
            return [Change(kind, wire.id_of(payload.get("uri")), _moment(told.get("created_at")))]
        except ValueError:
            return []

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        back = timedelta(days=int(self.settings.get("days_back") or 2))
        now = clock.now().replace(microsecond=0)
        walk = Walk(self._events, self._visits.of_event, self._read)
        yield from walk.pages(now - back, cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return self._read(self._visits.one(appointment_id))

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        found: list[Slot] = []
        soon = clock.now() + timedelta(minutes=1)
        for starts_at, ends_at in wire.weeks(max(query.starts_at, soon), query.ends_at):
            window = {"start_time": wire.rfc3339(starts_at), "end_time": wire.rfc3339(ends_at)}
            service = self._service(query.service_id)
            answer = self.http.get("event_type_available_times", event_type=service, **window)
            found += wire.slots(answer, query)
        return found

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """Of one host, by the address Calendly calls them by."""
        found: list[Busy] = []
        user = calendar or str(self._me["uri"])
        for first, last in wire.weeks(starts_at, ends_at):
            window = {"start_time": wire.rfc3339(first), "end_time": wire.rfc3339(last)}
            found += wire.busy(self.http.get("user_busy_times", user=user, **window))
        return found

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """Calendly writes to the invitee itself, and allows few such bookings an hour and a day."""
        if not request.person.email:
            raise Refused("Calendly books nobody without an e-mail address", code="no_email")
        service = self._service(request.service_id)
        try:
            made = self.http.post(
                "invitees", wire.booking(request, service, our_ref, self.settings)
            )
        except Refused:
            if self._is_taken(service, request.slot):
                raise SlotTaken("the platform no longer offers this time") from None
            raise
        except (NotAllowed, TooMany) as error:
            raise by_link.instead(self.http, service, our_ref, error) from None
        return wire.made_id(made)

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """By person, time and service: nobody can be booked twice for one."""
        at, email = request.slot.starts_at, request.person.email
        if not email:
            return None
        service, second = self._service(request.service_id), timedelta(seconds=1)
        rows = self._visits.listed(
            "scheduled_events",
            **self._owner,
            invitee_email=email,
            status="active",
            min_start_time=wire.rfc3339(at - second),
            max_start_time=wire.rfc3339(at + second),
            count=100,
        )
        events = [row for row in rows if row.get("event_type") == service]
        for found in (self._read(v) for event in events for v in self._visits.of_event(event)):
            is_theirs = found.person.email.casefold() == email.casefold()
            is_there = found.starts_at == at and found.status is Status.BOOKED
            if is_theirs and is_there and found.id != request.was:
                return found.id
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """A new booking of the same person and service, found first where it was made before."""
        old = self._visits.one(appointment_id)
        now = self._read(old)
        if now.status is Status.BOOKED and now.starts_at == slot.starts_at:
            return appointment_id
        if now.status is Status.BOOKED:
            _require_alone(old)
        request = BookingRequest(
            slot, now.person, now.service, now.service_id, now.zone, was=appointment_id
        )
        made = self.find_booking(request, our_ref=appointment_id)
        try:
            made = made or self.book(request, our_ref=appointment_id)
        except OnlyByLink as error:
            raise by_link.to_move(old.invitee, now, error) from None
        if now.status is Status.BOOKED and now.starts_at > clock.now():
            with after_a_write():
                self.cancel(appointment_id, "moved to another time")
        return made

    def cancel(self, appointment_id: str, reason: str) -> None:
        """Calendly cancels whole events: one with other guests is left to staff."""
        visit = self._visits.one(appointment_id)
        now = self._read(visit)
        if now.status is Status.CANCELLED:
            return
        if now.starts_at <= clock.now():
            raise Refused("an appointment of the past cannot be cancelled", code="in_the_past")
        _require_alone(visit)
        event = wire.last_part(visit.event["uri"])
        try:
            self.http.post(f"scheduled_events/{event}/cancellation", {"reason": reason})
        except NotAllowed:
            if self.fetch_appointment(appointment_id).status is not Status.CANCELLED:
                raise

    def mark_noshow(self, appointment_id: str) -> None:
        visit = self._visits.one(appointment_id)
        if not visit.invitee.get("no_show"):
            with documented():
                self.http.post("invitee_no_shows", {"invitee": str(visit.invitee["uri"])})

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        owner = {"organization": self._organization, "scope": self._scope}
        if self._scope == "user":
            owner["user"] = str(self._me["uri"])
        listed = self._visits.listed("webhook_subscriptions", **owner, count=100)
        of_app = bool(self.credentials.get("client_id"))
        hook = (callback_url, secret, current)
        return hooks.keep(self.http, list(listed), owner, *hook, of_app=of_app)

    @cached_property
    def _visits(self) -> Visits:
        return Visits(self.http)

    @cached_property
    def _me(self) -> Row:
        answer = self.http.get("users/me")
        with documented():
            found = dict(answer["resource"])
            wire.last_part(found["uri"]), wire.last_part(found["current_organization"])
            return found

    @property
    def _organization(self) -> str:
        return str(self._me["current_organization"])

    @property
    def _scope(self) -> str:
        return "user" if self.settings.get("scope") == "user" else "organization"

    @property
    def _owner(self) -> dict[str, Any]:
        return {self._scope: self._me["uri"] if self._scope == "user" else self._organization}

    def _events(self, first: datetime) -> Iterator[Row]:
        """The cancelled ones too."""
        ahead = timedelta(days=int(self.settings.get("days_ahead") or 60))
        yield from self._visits.listed(
            "scheduled_events",
            **self._owner,
            min_start_time=wire.rfc3339(first),
            max_start_time=wire.rfc3339(clock.now() + ahead),
            sort="start_time:asc",
            count=100,
        )

    def _read(self, visit: Visit) -> Appointment:
        return wire.appointment(visit, self.settings)

    def _service(self, service_id: str) -> str:
        """The event type's address, where another system's service is meant."""
        return pairs(self.settings.get("service_map", "")).get(service_id, service_id)

    def _is_taken(self, service: str, slot: Slot) -> bool:
        """Calendly refuses a time that is gone like any other mistake: ask whether it is free."""
        ends_at = slot.starts_at + timedelta(hours=1)
        query = SlotQuery(service, slot.starts_at, ends_at, 1, "UTC")
        try:
            return all(one.starts_at != slot.starts_at for one in self.find_slots(query))
        except ConnectorError:
            return False


def _moment(told: object) -> datetime | None:
    try:
        return instant(told) if isinstance(told, str) else None
    except ValueError:
        return None


def _require_alone(visit: Visit) -> None:
    counted = visit.event.get("invitees_counter") or {}
    if counted.get("active", 1) not in (0, 1):
        raise Refused("the event has other guests, who would lose it too", code="group_event")
