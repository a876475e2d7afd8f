"""Zendesk Support: https://developer.zendesk.com/api-reference/ticketing. A ticket holds the appointment."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

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
from connectors.errors import (
    ConnectorError,
    NoAppointment,
    NotAllowed,
    NotFound,
    Refused,
    VendorFault,
)
from connectors.http import Bearer, Http
from connectors.parsing import documented, json_of
from connectors.records import Words, host_label, moment
from connectors.tokens import TokenStore
from connectors.zendesk import hooks, wire
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status

HOME = "https://{}.zendesk.com/api/v2"
EXPORT = "incremental/tickets/cursor"
NO_CALENDAR = "a help desk has no calendar: free times come from the record system"
NO_MESSAGES = "a public comment answers a ticket; messages go out by the messengers"


class Zendesk(Connector):
    """Settings: `subdomain`, `status_field`, `time_field` (ids; all required), `service_field`,
    `*_values`, `minutes` (60), `zone`, `region`, `link_fields` (field id=connection),
    `public_notes` (false), `days_back` (30), `trigger_category`."""

    slug = "zendesk"
    name = "Zendesk"
    docs = "https://developer.zendesk.com/api-reference/ticketing/introduction/"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "booked": ChangeKind.BOOKED,
        "cancelled": ChangeKind.CANCELLED,
        "noshow": ChangeKind.NOSHOW,
    }
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.TIME})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: NO_CALENDAR,
        Capability.BUSY: NO_CALENDAR,
        Capability.MESSAGE: NO_MESSAGES,
        Capability.UPDATE_MESSAGE: NO_MESSAGES,
        Capability.EVIDENCE: NO_MESSAGES,
        Capability.CAMPAIGN: "Zendesk Support has no campaigns; its triggers act on single tickets",
        Capability.SUGGEST: "a help desk has no calendar to show times in",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Zendesk":
        """Credentials: `email` and `api_token`, or an OAuth `access_token`, which does not rotate."""
        token = credentials.get("access_token", "")
        login = f"{credentials.get('email', '')}/token"
        auth: httpx.Auth = httpx.BasicAuth(login, credentials.get("api_token", ""))
        auth = Bearer(lambda _refused: token) if token else auth
        home = base_url or HOME.format(host_label(settings, "subdomain"))
        return cls(Http(home, auth=auth, code_of=wire.error_code), settings, credentials)

    def check(self) -> str:
        """Zendesk answers 200 to anybody here: who is nobody has no id."""
        with documented():
            me = self.http.get("users/me")["user"]
            if me["id"] is None:
                raise NotAllowed("Zendesk does not know these credentials")
            return str(me.get("name") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """The signature itself tells repeats: Zendesk's delivery id is not covered by it."""
        given = request.header("x-zendesk-webhook-signature")
        timestamp = request.header("x-zendesk-webhook-signature-timestamp")
        hooks.check(given, timestamp, request.body, secrets)
        return Verified(given)

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Only the id counts: the ticket is read again."""
        body = json_of(stored.body)
        ticket = str(body.get("ticket_id") or "") if isinstance(body, dict) else ""
        if not (ticket.isascii() and ticket.isdigit()):
            return []
        status = Words.of(self.settings, wire.DEFAULTS).read(body.get("status"))
        kind = self.webhook_kinds.get(str(status), ChangeKind.MOVED)
        return [Change(kind, ticket, moment(body.get("updated_at"), None))]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        """The incremental export: Zendesk keeps the last minute back until it has settled."""
        mark, last = _loaded(cursor), False
        while not last:
            answer = self._export(mark)
            with documented():
                last = bool(answer["end_of_stream"])
                following = str(answer["after_cursor"] or "")
                if not (last or following):
                    raise VendorFault("the export goes on, and does not say where")
                mark = following or mark
                page = self._page(answer, mark, last=last)
            yield page

    def _export(self, mark: str) -> Mapping[str, Any]:
        """A mark that Zendesk no longer takes means reading from `days_back` again."""
        read: Mapping[str, Any]
        if mark:
            with suppress(Refused, NotFound):
                read = self.http.get(EXPORT, cursor=mark, include="users")
                return read
        read = self.http.get(EXPORT, start_time=self._since(), include="users")
        return read

    def _page(self, answer: Mapping[str, Any], mark: str, *, last: bool) -> Page:
        tickets, users = answer["tickets"], answer.get("users") or []
        gone = [t for t in tickets if wire.is_deleted(t, self.settings)]
        read = [
            wire.appointment(t, users, self.settings) for t in tickets if t["status"] != "deleted"
        ]
        return Page(
            [one for one in read if one],
            json.dumps({"cursor": mark}),
            last=last,
            gone=[str(int(t["id"])) for t in gone],
        )

    def _since(self) -> int:
        back = timedelta(days=int(self.settings.get("days_back") or 30))
        return int((clock.now() - back).timestamp())

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        answer = self.http.get(_path(appointment_id), include="users")
        with documented():
            found = wire.appointment(answer["ticket"], answer.get("users") or [], self.settings)
        if found is None:
            raise NoAppointment("the ticket holds no appointment we can read")
        return found

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        return self._create(wire.new_ticket(request, self.settings, our_ref), our_ref)

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """By our reference alone; search lags by minutes and is no evidence."""
        with documented():
            for ticket in self.http.get("tickets", external_id=our_ref)["tickets"]:
                if ticket.get("external_id") == our_ref and ticket["status"] != "deleted":
                    return str(int(ticket["id"]))
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """Writes the outcome into the ticket; a closed one gets a follow-up, whose id is returned."""
        wanted: dict[str, Any] = {"custom_fields": wire.booked_fields(self.settings, slot)}
        if version:
            wanted |= {"safe_update": True, "updated_stamp": version}
        try:
            self._change(appointment_id, wanted)
        except Refused as refused:
            return self._follow_up(appointment_id, slot, refused)
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        """The reason is not kept: a comment could reach the client."""
        self._set(appointment_id, Status.CANCELLED)

    def mark_noshow(self, appointment_id: str) -> None:
        self._set(appointment_id, Status.NOSHOW)

    def annotate(self, appointment_id: str, note: str) -> None:
        """An internal comment, unless `public_notes` says that the requester shall be mailed."""
        path = _path(appointment_id)
        latest = {"sort": "-created_at", "page[size]": 100}
        with documented():
            comments = self.http.get(f"{path}/comments", **latest)["comments"]
            if any(note in str(comment.get("body")) for comment in comments):
                return
        public = self.settings.get("public_notes", "").lower() == "true"
        self.http.put(path, {"ticket": wire.internal(note, public=public)})

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        named = {"subject": title, "type": "task", "external_id": our_ref, "tags": [wire.OURS]}
        return self._create({**wire.internal(note or title), **named}, our_ref)

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        return hooks.ensure(self.http, self.settings, callback_url, current)

    def _create(self, ticket: Mapping[str, Any], our_ref: str) -> str:
        key = {"Idempotency-Key": our_ref[:255]}
        made = self.http.request("POST", "tickets", json={"ticket": ticket}, headers=key)
        with documented():
            return str(int(made["ticket"]["id"]))

    def _set(self, appointment_id: str, status: Status) -> None:
        try:
            fields = wire.status_fields(self.settings, status)
            self._change(appointment_id, {"custom_fields": fields})
        except Refused:
            if self.fetch_appointment(appointment_id).status is not status:
                raise

    def _change(self, appointment_id: str, wanted: Mapping[str, Any]) -> None:
        answer = self.http.put(_path(appointment_id), {"ticket": wanted})
        with documented():
            there = {str(f["id"]): f.get("value") for f in answer["ticket"]["custom_fields"]}
            asked = {str(f["id"]): f["value"] for f in wanted["custom_fields"]}
        if any(there.get(field) != value for field, value in asked.items()):
            raise VendorFault("the ticket does not show what was written")

    def _follow_up(self, appointment_id: str, slot: Slot, refused: ConnectorError) -> str:
        with documented():
            ticket = self.http.get(_path(appointment_id))["ticket"]
            if ticket["status"] != "closed":
                raise refused
            our_ref = f"rebook-{appointment_id}-{int(slot.starts_at.timestamp())}"
            body = wire.follow_up(ticket, slot, self.settings, our_ref)
            known = self.http.get("tickets", external_id=our_ref)["tickets"]
        return str(int(known[0]["id"])) if known else self._create(body, our_ref)


def _path(appointment_id: str) -> str:
    return f"tickets/{wire.number(appointment_id)}"


def _loaded(cursor: str | None) -> str:
    """A cursor we cannot read is none: everything is read again."""
    kept = json_of(cursor or "{}")
    return str(kept.get("cursor") or "") if isinstance(kept, dict) else ""
