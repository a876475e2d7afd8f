"""Freshdesk: https://developers.freshdesk.com/api. A ticket holds the appointment, its reason its fate."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from html import escape
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
    WebhookRequest,
)
from connectors.errors import Conflict, NoAppointment, NotFound, VendorFault
from connectors.freshdesk import lists, wire
from connectors.http import Http
from connectors.parsing import documented, json_of
from connectors.records import Words, host_label
from connectors.signatures import check_shared_secret
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status

HOME = "https://{}.freshdesk.com/api/v2"
NO_CALENDAR = "a help desk has no calendar: free times come from the record system"
NO_MESSAGES = "a reply answers one ticket; messages go out by the messengers"
RECENT = timedelta(days=7)


class Freshdesk(Connector):
    """Settings: `domain` (required), `status_field` (cf_reason), `time_field`, `ref_field`,
    `service_field`, `*_values`, `minutes` (60), `zone`, `region`, `link_fields` (field=connection),
    `notes` (private or reply), `outcome_status`, `staff_email`, `days_back` (30)."""

    slug = "freshdesk"
    name = "Freshdesk"
    docs = "https://developers.freshdesk.com/api/"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "booked": ChangeKind.BOOKED,
        "cancelled": ChangeKind.CANCELLED,
        "noshow": ChangeKind.NOSHOW,
    }
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: NO_CALENDAR,
        Capability.BUSY: NO_CALENDAR,
        Capability.MESSAGE: NO_MESSAGES,
        Capability.UPDATE_MESSAGE: NO_MESSAGES,
        Capability.EVIDENCE: NO_MESSAGES,
        Capability.CAMPAIGN: "Freshdesk has no campaigns; its automations act on single tickets",
        Capability.WATCH: "automation rules cannot be made by the API: an admin makes one by hand",
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
    ) -> "Freshdesk":
        """Credentials: `api_key`. It does not rotate: `tokens` is unused."""
        auth = httpx.BasicAuth(credentials["api_key"], "X")
        home = base_url or HOME.format(host_label(settings, "domain"))
        return cls(Http(home, auth=auth, code_of=wire.error_code), settings, credentials)

    def check(self) -> str:
        with documented():
            me = self.http.get("agents/me")
            return str(me["contact"].get("name") or me["id"])

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """Freshdesk signs nothing: the rule sends a header of ours along."""
        check_shared_secret(request.header("x-rebook-token"), secrets)
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Our own body, or Freshdesk's simple one; only the id counts: the ticket is read again."""
        body = json_of(stored.body)
        told = body.get("freshdesk_webhook", body) if isinstance(body, dict) else None
        if not isinstance(told, dict):
            return []
        ticket = str(told.get("ticket_id") or "")
        if not (ticket.isascii() and ticket.isdigit()):
            return []
        status = Words.of(self.settings, wire.DEFAULTS).read(told.get("reason"))
        return [Change(self.webhook_kinds.get(str(status), ChangeKind.MOVED), ticket)]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        known = lists.load(cursor)
        back = timedelta(days=int(self.settings.get("days_back") or 30))
        since = known or clock.now() - back
        for page in lists.changed(self.http, since):
            standing = [t for t in page.tickets if not wire.is_deleted(t)]
            read = [wire.appointment(ticket, self.settings) for ticket in standing]
            with documented():
                gone = [str(int(t["id"])) for t in page.tickets if wire.is_deleted(t)]
            yield Page([one for one in read if one], page.cursor, last=page.last, gone=gone)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        ticket = self.http.get(_path(appointment_id), include="requester")
        with documented():
            if wire.is_deleted(ticket):
                raise NotFound("the ticket was deleted")
        found = wire.appointment(ticket, self.settings)
        if found is None:
            raise NoAppointment("the ticket holds no appointment we can read")
        return found

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        return self._create(wire.new_ticket(request, self.settings, our_ref))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """Among the requester's latest tickets: Freshdesk has no key, and its search lags."""
        who = self._requester(request)
        since = wire.stamp(clock.now() - RECENT)
        field = wire.name_of(self.settings, "ref_field")
        for page in range(1, lists.LAST_PAGE + 1) if who else []:
            rows = self.http.get(
                "tickets", **who, updated_since=since, per_page=lists.SIZE, page=page
            )
            with documented():
                for ticket in rows:
                    if ticket["custom_fields"].get(field) == our_ref:
                        return str(int(ticket["id"]))
                if len(rows) < lists.SIZE:
                    return None
        return None

    def _requester(self, request: BookingRequest) -> dict[str, Any]:
        if request.person.email:
            return {"email": request.person.email}
        with documented():
            contacts = self.http.get("contacts", phone=request.person.phone)
            return {"requester_id": int(contacts[0]["id"])} if contacts else {}

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """Writes the outcome into the ticket. Freshdesk keeps no versions: it is read just before."""
        if version:
            with documented():
                if str(self.http.get(_path(appointment_id))["updated_at"]) != version:
                    raise Conflict("the ticket changed meanwhile")
        self._change(appointment_id, wire.outcome(self.settings, slot))
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        self._change(appointment_id, wire.status(self.settings, Status.CANCELLED))

    def mark_noshow(self, appointment_id: str) -> None:
        self._change(appointment_id, wire.status(self.settings, Status.NOSHOW))

    def annotate(self, appointment_id: str, note: str) -> None:
        """A private note; with `notes` set to `reply` an answer that Freshdesk mails to the client."""
        path = _path(appointment_id)
        if self._has(path, note):
            return
        if self.settings.get("notes") == "reply":
            self.http.post(f"{path}/reply", {"body": escape(note)})
        else:
            self.http.post(f"{path}/notes", {"body": escape(note), "private": True})

    def _has(self, path: str, note: str) -> bool:
        """White space is not compared: Freshdesk makes text of the markup in its own way."""
        wanted = " ".join(note.split())
        for page in range(1, lists.LAST_PAGE + 1):
            rows = self.http.get(f"{path}/conversations", per_page=lists.SIZE, page=page)
            with documented():
                if any(wanted in " ".join(str(r.get("body_text")).split()) for r in rows):
                    return True
                if len(rows) < lists.SIZE:
                    return False
        return False

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        return self._create(wire.new_task(title, note, self.settings, our_ref))

    def _create(self, ticket: Mapping[str, Any]) -> str:
        made = self.http.post("tickets", ticket)
        with documented():
            return str(int(made["id"]))

    def _change(self, appointment_id: str, wanted: Mapping[str, Any]) -> None:
        answer = self.http.put(_path(appointment_id), wanted)
        with documented():
            there = dict(answer["custom_fields"])
        if any(there.get(name) != value for name, value in wanted["custom_fields"].items()):
            raise VendorFault("the ticket does not show what was written")


def _path(appointment_id: str) -> str:
    return f"tickets/{wire.number(appointment_id)}"
