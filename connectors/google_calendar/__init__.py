"""Google Calendar v3: https://developers.google.com/workspace/calendar/api. Guests are not mailed by us."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar
from uuid import uuid4

from connectors.contract import (
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
from connectors.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    Refused,
    TooMany,
    VendorFault,
    after_a_write,
)
from connectors.google_calendar import offered, wire
from connectors.google_calendar.sync import Sync
from connectors.http import Bearer, Http
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.parsing import documented, pairs
from connectors.signatures import check_shared_secret
from connectors.tokens import TokenStore
from rebook.domain.appointments import Appointment, Busy, ChangeKind, Slot, Status, TimesOnOffer
from rebook.domain.messages import PollNow

HOME = "https://www.googleapis.com/calendar/v3"
GRANTS_AT = "https://oauth2.googleapis.com/token"


class GoogleCalendar(Connector):
    """Settings: `calendars` (ids, the first is the default), `calendar_map` (other system's=ours),
    `link_fields` (private property=connection), `send_updates` (none), `region`, `zone`,
    `days_back` (30), `token_url`. An appointment's id is `calendar/event`."""

    slug = "google_calendar"
    name = "Google Calendar"
    docs = "https://developers.google.com/workspace/calendar/api/v3/reference"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {}
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "Google tells busy times only; free ones are computed from them",
        Capability.TASK: "tasks are another product of Google's",
        Capability.MESSAGE: "a calendar sends invitations only",
        Capability.UPDATE_MESSAGE: "a calendar sends invitations only",
        Capability.EVIDENCE: "a calendar sends invitations only",
        Capability.CAMPAIGN: "a calendar has no campaigns",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "GoogleCalendar":
        """Credentials: `client_id`, `client_secret`, `refresh_token`; `access_token` where there is one."""
        grant = RefreshGrant(
            settings.get("token_url") or GRANTS_AT,
            credentials.get("client_id", ""),
            credentials.get("client_secret", ""),
        )
        store = tokens or MemoryTokens(dict(credentials))
        http = Http(
            base_url or HOME,
            auth=Bearer(token_source(store, grant)),
            code_of=wire.error_code,
            too_many=wire.TOO_MANY,
        )
        return cls(http, settings, credentials)

    def check(self) -> str:
        with documented():
            page = self.http.get(
                wire.events_path(self._calendars[0]), maxResults=1, fields="summary"
            )
            return str(page.get("summary") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        check_shared_secret(request.header("x-goog-channel-token"), secrets)
        channel = request.header("x-goog-channel-id")
        number = request.header("x-goog-message-number")
        counted = number.isascii() and number.isdigit() and 0 < len(channel) <= 64
        return Verified(f"{channel}:{number[:20]}" if counted else None)

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """The first message of a channel says that it is open; reading then closes any gap."""
        return [PollNow()]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        days_back = int(self.settings.get("days_back") or 30)
        yield from Sync(self.http, self._calendars, self._read, days_back).pages(cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        calendar, event_id = self._split(appointment_id)
        event = self.http.get(wire.event_path(calendar, event_id))
        if not wire.is_appointment(event):
            raise NotFound("the event is deleted, lasts all day or is not an appointment")
        return self._read(event, calendar, "")

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        ours = self._ours(calendar)
        body = {
            "timeMin": wire.rfc3339(starts_at),
            "timeMax": wire.rfc3339(ends_at),
            "items": [{"id": ours}],
        }
        times, reasons = wire.busy(self.http.post("freeBusy", body), ours)
        for reason in reasons:
            raise _busy_is_unknown(reason)
        return times

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """The event's id is ours, so a repeat cannot make a second one. Google checks no clashes."""
        calendar = self._ours(request.slot.calendar)
        body = wire.new_event(request, our_ref)
        try:
            made = self.http.post(wire.events_path(calendar), body, sendUpdates=self._updates)
        except Conflict:
            if (found := self.find_booking(request, our_ref=our_ref)) is None:
                raise
            return found
        with documented():
            if made["id"] != body["id"]:
                raise VendorFault("the event was made under another id than ours")
        return wire.appointment_id(calendar, body["id"])

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        calendar, event_id = self._ours(request.slot.calendar), wire.event_id(our_ref)
        try:
            found = self.http.get(wire.event_path(calendar, event_id))
        except NotFound:
            return None
        with documented():
            standing = found["status"] != Status.CANCELLED
        return wire.appointment_id(calendar, event_id) if standing else None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """In its own calendar, or to the one the slot names: time first, then place."""
        calendar, event_id = self._split(appointment_id)
        target = self._ours(slot.calendar) if slot.calendar else calendar
        body = {
            "start": {"dateTime": wire.rfc3339(slot.starts_at)},
            "end": {"dateTime": wire.rfc3339(slot.ends_at)},
        }
        moved = self._patch(appointment_id, body, version)
        if self._read(moved, calendar, "").starts_at != slot.starts_at:
            raise VendorFault("the event is not at the time it was moved to")
        if target != calendar:
            query = {"destination": target, "sendUpdates": self._updates}
            path = f"{wire.event_path(calendar, event_id)}/move"
            with after_a_write():
                self.http.request("POST", path, query=query)
        return wire.appointment_id(target, event_id)

    def cancel(self, appointment_id: str, reason: str) -> None:
        """Google keeps no reason. An event that is deleted already, or was never there, is cancelled."""
        with suppress(NotFound):
            self.http.delete(
                wire.event_path(*self._split(appointment_id)), sendUpdates=self._updates
            )

    def mark_noshow(self, appointment_id: str) -> None:
        self._patch(appointment_id, _private({"attendance": wire.NO_SHOW}))

    def annotate(self, appointment_id: str, note: str) -> None:
        """One private property a note, named by its text: repeating it writes the same again."""
        name = "rebook_note_" + sha256(note.encode()).hexdigest()[:8]
        self._patch(appointment_id, _private({name: note[:1000]}))

    def show_offer(self, offer: TimesOnOffer, *, our_ref: str) -> None:
        """An entry for each time whose calendar is ours, and a line in the event that stands."""
        wanted = offered.entries(offer, self._place, our_ref)
        offered.show(self.http, self._calendars, wanted, our_ref)
        if offer.appointment_id:
            event = self._split(offer.appointment_id)
            offered.tell(self.http, *event, wire.offer_line(offer))

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        """A fresh channel for each calendar, then the old ones are stopped: twice told, never missed."""
        made = [self._open(calendar, callback_url, secret) for calendar in self._calendars]
        if current:
            ids, resources = current.id.split(","), current.resource.split(",")
            for channel, resource in zip(ids, resources, strict=False):
                with suppress(NotFound):
                    self.http.post("channels/stop", {"id": channel, "resourceId": resource})
        return Watch(
            id=",".join(watch.id for watch in made),
            resource=",".join(watch.resource for watch in made),
            expires_at=min((w.expires_at for w in made if w.expires_at), default=None),
        )

    def _open(self, calendar: str, callback_url: str, secret: str) -> Watch:
        body = {
            "id": str(uuid4()),
            "type": "web_hook",
            "address": callback_url,
            "token": secret,
        }
        made = self.http.post(f"{wire.events_path(calendar)}/watch", body)
        with documented():
            ends = made.get("expiration")
            expires_at = datetime.fromtimestamp(int(ends) / 1000, UTC) if ends else None
            return Watch(str(made["id"]), str(made["resourceId"]), expires_at)

    def _patch(self, appointment_id: str, body: Mapping[str, Any], version: str = "") -> wire.Event:
        changed: wire.Event = self.http.patch(
            wire.event_path(*self._split(appointment_id)),
            body,
            headers={"If-Match": version} if version else None,
            sendUpdates=self._updates,
        )
        return changed

    def _read(self, event: wire.Event, calendar: str, zone: str) -> Appointment:
        return wire.appointment(event, calendar, self.settings, zone)

    @property
    def _updates(self) -> str:
        return self.settings.get("send_updates") or "none"

    @property
    def _calendars(self) -> list[str]:
        named = (self.settings.get("calendars") or "primary").split(",")
        return [calendar.strip() for calendar in named if calendar.strip()]

    def _ours(self, calendar: str) -> str:
        """Our calendar for one that may be another system's. Guessing would book the wrong person."""
        ours = pairs(self.settings.get("calendar_map", "")).get(calendar, calendar)
        if ours in self._calendars:
            return ours
        if not ours or len(self._calendars) == 1:
            return self._calendars[0]
        raise Refused("no calendar is configured for this one", code="unknown_calendar")

    def _place(self, slot: Slot) -> str:
        """The calendar of ours that a slot belongs to, or an empty string."""
        with suppress(Refused):
            return self._ours(slot.calendar)
        return ""

    def _split(self, appointment_id: str) -> tuple[str, str]:
        """A bare event id is taken to be of the first calendar."""
        calendar, _, event_id = appointment_id.rpartition("/")
        return calendar or self._calendars[0], event_id


def _private(values: Mapping[str, str]) -> dict[str, Any]:
    return {"extendedProperties": {"private": dict(values)}}


def _busy_is_unknown(reason: str) -> ConnectorError:
    if reason == "notFound":
        return NotFound("the calendar is not there")
    if reason in wire.TOO_MANY:
        return TooMany("free and busy times are limited")
    return VendorFault("free and busy times could not be read")
