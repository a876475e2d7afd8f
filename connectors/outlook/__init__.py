"""Outlook calendars by Microsoft Graph: https://learn.microsoft.com/graph/api/resources/event."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from connectors.contract import (
    Answer,
    BookingRequest,
    Capability,
    Connector,
    Page,
    SignatureCovers,
    StoredWebhook,
    Translated,
    Verified,
    Watch,
    WebhookRequest,
)
from connectors.errors import BadSignature, NotFound, Refused, VendorFault, after_a_write
from connectors.outlook import subscriptions, wire
from connectors.outlook.client import graph, own_link
from connectors.outlook.delta import Delta, Span
from connectors.parsing import documented, form_of, json_of, pairs
from connectors.signatures import check_shared_secret
from connectors.tokens import TokenStore
from rebook.domain.appointments import Appointment, Busy, ChangeKind, Slot, Status
from rebook.domain.messages import PollNow


class Outlook(Connector):
    """Settings: `mailboxes` (addresses, the first is the default), `calendar_map` (other system's=ours),
    `link_fields` (word=connection), `cancelled_values`, `noshow_values` (categories), `region`, `zone`,
    `days_back` (7), `days_ahead` (90), `token_url`. An appointment's id is `mailbox/event`."""

    slug = "outlook"
    name = "Outlook Calendar"
    docs = "https://learn.microsoft.com/graph/api/resources/event"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {}
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "Outlook tells busy times only; free ones are computed from them",
        Capability.TASK: "tasks are another product: Microsoft To Do and Planner",
        Capability.MESSAGE: "mail is sent by the mail platform; the right to send is not asked for",
        Capability.UPDATE_MESSAGE: "a calendar sends invitations only",
        Capability.EVIDENCE: "a calendar sends invitations only",
        Capability.CAMPAIGN: "a calendar has no campaigns",
        Capability.SUGGEST: "offered times go out by message; entries for them are made in Google alone",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Outlook":
        """Credentials: `tenant_id`, `client_id`, `client_secret`; `refresh_token` to act for a person."""
        return cls(graph(base_url, settings, credentials, tokens), settings, credentials)

    def check(self) -> str:
        found = self.http.get(f"{_user(self._mailboxes[0])}/calendars", **{"$top": 1})
        with documented():
            first = found["value"][0]
            return str((first.get("owner") or {}).get("name") or first.get("name") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """Graph signs nothing: every notification of a batch repeats the secret it was asked for with."""
        items = _notifications(request.body)
        if not items:
            raise BadSignature("there is no notification that could vouch for itself")
        for item in items:
            state = item.get("clientState")
            check_shared_secret(state if isinstance(state, str) else "", secrets)
        return Verified()

    def respond(self, request: WebhookRequest) -> Answer | None:
        """A new subscription begins with a token that Graph wants back as plain text."""
        token = form_of(urlsplit(request.url).query).get("validationToken", "")
        if request.body or not token:
            return None
        return Answer(token.encode("utf-8", "replace"), store=False)

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Notifications name mailboxes by other ids than ours, and may be late: go and look."""
        return [PollNow()] if _notifications(stored.body) else []

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        back = timedelta(days=int(self.settings.get("days_back") or 7))
        ahead = timedelta(days=int(self.settings.get("days_ahead") or 90))
        delta = Delta(self.http, self._mailboxes, self._standing, self._read, Span(back, ahead))
        yield from delta.pages(cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        mailbox, event_id = self._split(appointment_id)
        event = self._standing(mailbox, event_id)
        if not wire.is_appointment(event):
            raise NotFound("the event lasts all day, is a draft or a whole series")
        return self._read(event, mailbox)

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        ours = self._ours(calendar)
        body = wire.schedule_request(ours, starts_at, ends_at)
        times, reason = wire.busy(self.http.post(f"{_user(ours)}/calendar/getSchedule", body))
        if reason:
            raise VendorFault(f"free and busy times could not be read: {reason}")
        return times

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """Graph makes one event of two with our transaction id. It checks no clashes."""
        mailbox = self._ours(request.slot.calendar)
        return self._create(mailbox, wire.new_event(request, our_ref))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        mailbox, slot = self._ours(request.slot.calendar), request.slot
        for event in self._between(mailbox, slot.starts_at, slot.ends_at):
            if wire.is_appointment(event):
                found = self._read(event, mailbox)
                if found.ours == our_ref and found.status is Status.BOOKED:
                    return found.id
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """In its own mailbox; in another one it is made anew there and removed here, under a new id."""
        mailbox, event_id = self._split(appointment_id)
        target = self._ours(slot.calendar) if slot.calendar else mailbox
        if target != mailbox:
            made = self._create(target, wire.copy_of(self._event(mailbox, event_id), slot))
            with after_a_write():
                self.cancel(appointment_id, "moved to another calendar")
            return made
        moved = self._patch(mailbox, event_id, wire.when(slot), version)
        if self._read(moved, mailbox).starts_at != slot.starts_at:
            raise VendorFault("the event is not at the time it was moved to")
        kept = wire.without_loss(moved, self.settings)
        if kept != wire.categories(moved):
            with after_a_write():
                self._patch(mailbox, event_id, {"categories": kept})
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        """PATCH cannot cancel. The organizer cancels a meeting; what nobody was invited to is deleted."""
        mailbox, event_id = self._split(appointment_id)
        with suppress(NotFound):
            event, path = self._standing(mailbox, event_id), _event(mailbox, event_id)
            if event.get("isCancelled"):
                return
            if event.get("isOrganizer") is False:
                raise Refused("only its organizer can cancel it", code="not_organizer")
            if event.get("attendees"):
                self.http.post(f"{path}/cancel", {"Comment": reason})
            else:
                self.http.delete(path)

    def mark_noshow(self, appointment_id: str) -> None:
        """Outlook has no word for a missed appointment: a category of the admin's says it."""
        mailbox, event_id = self._split(appointment_id)
        event = self._event(mailbox, event_id)
        if self._read(event, mailbox).status is not Status.NOSHOW:
            category = wire.named(self.settings, Status.NOSHOW)[0]
            self._categorise(mailbox, event, [*wire.categories(event), category])

    def annotate(self, appointment_id: str, note: str) -> None:
        """The words in a property of ours, and a category that staff see; nobody is mailed for it."""
        mailbox, event_id = self._split(appointment_id)
        event = self._event(mailbox, event_id)
        kept = [one for one in wire.categories(event) if one != wire.MARK]
        words = {"singleValueExtendedProperties": [wire.note(note)]}
        self._categorise(mailbox, event, [*kept, wire.MARK], words)

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        return subscriptions.keep(self.http, self._mailboxes, callback_url, secret, current)

    def _create(self, mailbox: str, body: Mapping[str, Any]) -> str:
        made = self.http.post(f"{_user(mailbox)}/events", body)
        with documented():
            event_id = made["id"]
            if not (isinstance(event_id, str) and event_id):
                raise VendorFault("the event was made without an id")
        return wire.appointment_id(mailbox, event_id)

    def _categorise(
        self,
        mailbox: str,
        event: wire.Event,
        categories: list[str],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        with documented():
            event_id, version = str(event["id"]), str(event.get("@odata.etag") or "")
        self._patch(mailbox, event_id, {"categories": categories, **(more or {})}, version)

    def _patch(
        self, mailbox: str, event_id: str, body: Mapping[str, Any], version: str = ""
    ) -> wire.Event:
        headers = {"If-Match": version} if version else None
        changed: wire.Event = self.http.patch(_event(mailbox, event_id), body, headers=headers)
        with documented():
            return dict(changed)

    def _between(self, mailbox: str, starts_at: datetime, ends_at: datetime) -> Iterator[Any]:
        """Every event of these hours, to the last page."""
        window = {"startDateTime": starts_at.isoformat(), "endDateTime": ends_at.isoformat()}
        page = self.http.get(f"{_user(mailbox)}/calendarView", **window)
        while True:
            with documented():
                yield from page["value"]
                link = page.get("@odata.nextLink")
            if not link:
                return
            page = self.http.get(own_link(self.http, link))

    def _event(self, mailbox: str, event_id: str) -> wire.Event:
        event = self.http.get(_event(mailbox, event_id))
        with documented():
            return dict(event)

    def _standing(self, mailbox: str, event_id: str) -> wire.Event:
        """Ids of the kind we ask for outlive deletion: Deleted Items may answer to them.

        So what is in nobody's calendar at its own time is gone.
        """
        event = self._event(mailbox, event_id)
        if event.get("isCancelled") or not wire.is_appointment(event):
            return event
        shown = self._between(mailbox, *wire.hours(event))
        if not any(one.get("id") == event_id for one in shown):
            raise NotFound("the event is in the calendar no more")
        return event

    def _read(self, event: wire.Event, mailbox: str) -> Appointment:
        return wire.appointment(event, mailbox, self.settings)

    @property
    def _mailboxes(self) -> list[str]:
        named = [one.strip() for one in self.settings.get("mailboxes", "").split(",")]
        if not any(named):
            raise Refused("the setting mailboxes names none", code="no_mailbox")
        return [one for one in named if one]

    def _ours(self, calendar: str) -> str:
        """Our mailbox for a calendar that may be another system's. Guessing would book the wrong person."""
        ours = pairs(self.settings.get("calendar_map", "")).get(calendar, calendar)
        if ours in self._mailboxes:
            return ours
        if not ours or len(self._mailboxes) == 1:
            return self._mailboxes[0]
        raise Refused("no mailbox is configured for this calendar", code="unknown_calendar")

    def _split(self, appointment_id: str) -> tuple[str, str]:
        """A bare event id is taken to be of the first mailbox; one of a stranger's is not asked for."""
        mailbox, _, event_id = appointment_id.rpartition("/")
        if mailbox and mailbox not in self._mailboxes:
            raise NotFound("the mailbox is not configured")
        return mailbox or self._mailboxes[0], event_id


def _user(mailbox: str) -> str:
    return f"users/{quote(mailbox, safe='')}"


def _event(mailbox: str, event_id: str) -> str:
    return f"{_user(mailbox)}/events/{quote(event_id, safe='')}"


def _notifications(body: bytes) -> list[dict[str, Any]]:
    """The items of a batch; one that is none of Graph's spoils the whole batch."""
    told = json_of(body)
    items = told.get("value") if isinstance(told, dict) else None
    if not isinstance(items, list):
        return []
    fit = [one for one in items if isinstance(one, dict) and one.get("subscriptionId")]
    return fit if len(fit) == len(items) else []
