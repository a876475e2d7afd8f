"""Pipedrive: https://developers.pipedrive.com/docs/api/v1. An activity is the appointment."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import httpx

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
from connectors.errors import Conflict, NoAppointment, NotFound, Refused, WithoutTime
from connectors.http import Bearer, Http, sending
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.parsing import MALFORMED, documented, instant, json_of
from connectors.pipedrive import hooks, wire
from connectors.pipedrive.activities import Activities, identity_of, must_stand, user
from connectors.pipedrive.changes import Changes
from connectors.pipedrive.pace import Paced
from connectors.signatures import require_any, usable
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, Change, ChangeKind, Person, Slot, Status

HOME = "https://api.pipedrive.com"
GRANTS_AT = "https://oauth.pipedrive.com/oauth/token"


class Pipedrive(Connector):
    """Settings: `types` (meeting), `status_field` (outcome), `cancelled_values`, `noshow_values`,
    `overdue_is_missed` (yes), `late_minutes` (60), `minutes` (60), `link_fields`, `zone`, `region`,
    `task_type` (task), `token_url`. A calendar is a user's id."""

    slug = "pipedrive"
    name = "Pipedrive"
    docs = "https://developers.pipedrive.com/docs/api/v1"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "create": ChangeKind.BOOKED,
        "change": ChangeKind.MOVED,
        "delete": ChangeKind.CANCELLED,
    }
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "Pipedrive keeps activities; free times are computed from them",
        Capability.MESSAGE: "Pipedrive has no call to send a message",
        Capability.UPDATE_MESSAGE: "Pipedrive has no call to send a message",
        Capability.EVIDENCE: "Pipedrive has no call to send a message",
        Capability.CAMPAIGN: "Pipedrive's automations cannot be started by a call",
        Capability.SUGGEST: "an activity for an offer would count as one that is still to be done",
    }

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        super().__init__(http, settings, credentials)
        self.activities = Activities(http, settings)

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Pipedrive":
        """Credentials: `api_token`, or `client_id`, `client_secret`, `refresh_token` of an app."""
        grant = RefreshGrant(
            settings.get("token_url") or GRANTS_AT,
            credentials.get("client_id", ""),
            credentials.get("client_secret", ""),
            basic=True,
        )
        store = tokens or MemoryTokens(dict(credentials))
        api_token = credentials.get("api_token", "")
        http = Http(
            base_url or HOME,
            auth=_ApiToken(api_token) if api_token else Bearer(token_source(store, grant)),
            transport=Paced(sending()),
        )
        return cls(http, settings, credentials)

    def check(self) -> str:
        with documented():
            me = self.http.get("v1/users/me")["data"]
            return str(me.get("company_name") or me["name"])

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """HTTP Basic on every delivery; an attempt repeats the event's id."""
        require_any(request.header("authorization"), [hooks.basic(one) for one in usable(secrets)])
        meta = hooks.meta(json_of(request.body))
        event = meta.get("id")
        return Verified(event if isinstance(event, str) and 0 < len(event) <= 64 else None)

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """A webhook's activity is of another shape than the API's, so it is fetched."""
        body = json_of(stored.body)
        meta = hooks.meta(body)
        try:
            kind = self.webhook_kinds[meta["action"]]
            told = [part for part in (body.get("data"), body.get("previous")) if part]
            types = {part["type"] for part in told if part.get("type")}
            if meta["entity"] != "activity" or not self._concerns(types):
                return []
            return [Change(kind, str(int(meta["entity_id"])), instant(meta["timestamp"]))]
        except MALFORMED:
            return []

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        late = wire.patience(self.settings)
        yield from Changes(self.http, self.activities.reader(), late).pages(cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return self.activities.reader()(self.activities.one(appointment_id))

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """There is no filter for a period: what is open is read from its far end backwards."""
        found: list[Busy] = []
        whose = user(calendar) if calendar else None
        order = {"sort_by": "due_date", "sort_direction": "desc"}
        for rows in self.activities.lists(owner_id=whose, done=False, **order):
            taken = [busy for row in rows if (busy := wire.busy(row, self.settings)) is not None]
            found += [one for one in taken if one.starts_at < ends_at and one.ends_at > starts_at]
            if taken and taken[-1].ends_at < starts_at - timedelta(days=1):
                break
        return found

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """A new activity, linked as the one it replaces."""
        old: wire.Row = {}
        with suppress(NotFound):
            old = self.activities.one(request.was) if request.was else {}
        words = {"subject": request.service, "note": request.note}
        return self.activities.succeed(old, request.slot, our_ref, **words)

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        found = self.activities.find(our_ref)
        return identity_of(found) if found else None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """What is open moves in place; what was lost stays on record, and a new one follows it."""
        old = self.activities.one(appointment_id)
        now = self._timed(old)
        if now is not None and now.status is not Status.BOOKED:
            our_ref = f"{now.id}-{slot.starts_at.astimezone(UTC):%Y%m%dT%H%MZ}"
            return self._follow(old, slot, our_ref)
        if now is not None and version:
            stands = wire.version(now.starts_at, now.ends_at)
            wanted = wire.version(slot.starts_at, slot.ends_at)
            if stands not in (version.rpartition(" ")[2], wanted):
                raise Conflict("the activity stands at another time than was seen")
        owner = {"owner_id": user(slot.calendar)} if slot.calendar else {}
        must_stand(self.activities.change(appointment_id, {**wire.times(slot), **owner}), slot)
        return appointment_id

    def _follow(self, old: wire.Row, slot: Slot, our_ref: str) -> str:
        """One new activity for a time; the old one is closed where that has not been done."""
        made = self.activities.find(our_ref)
        if made is None:
            return self.activities.succeed(old, slot, our_ref)
        if not old.get("done"):
            self.activities.close(old, identity_of(made))
        return identity_of(made)

    def _timed(self, row: wire.Row) -> Appointment | None:
        try:
            return wire.appointment(row, self.settings, Person())
        except (WithoutTime, NoAppointment):
            return None

    def cancel(self, appointment_id: str, reason: str) -> None:
        """By the configured word, else by deleting. What is deleted already is cancelled."""
        said = wire.saying("cancelled", self.settings)
        with suppress(NotFound):
            if said:
                self.activities.change(appointment_id, {**said, "done": True})
            else:
                self.activities.delete(appointment_id)

    def mark_noshow(self, appointment_id: str) -> None:
        said = wire.saying("noshow", self.settings)
        if not said:
            raise Refused("no word for a missed activity is configured", code="not_configured")
        self.activities.change(appointment_id, said)

    def annotate(self, appointment_id: str, note: str) -> None:
        kept = self.activities.one(appointment_id).get("note")
        if note not in str(kept or ""):
            self.activities.change(appointment_id, {"note": wire.with_line(kept, note)})

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        """Due today; found again by our reference while it is young."""
        made = self.activities.find(our_ref)
        task = {
            "subject": title,
            "type": self.settings.get("task_type") or "task",
            "due_date": f"{clock.now():%Y-%m-%d}",
            "note": wire.with_line(note, f"Rebook reference: {our_ref}"),
        }
        return identity_of(made or self.activities.make(task))

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        """It does not lapse, but Pipedrive deletes it after three days without a success."""
        return hooks.ensure(self.http, callback_url, secret)

    def _concerns(self, types: set[str]) -> bool:
        return not types or wire.is_appointment(types, self.settings)


class _ApiToken(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-api-token"] = self._token
        yield request
