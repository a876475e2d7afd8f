"""QuickBooks Online: https://developer.intuit.com. An invoice tells of a loss; staff decide what follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from connectors.contract import (
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
from connectors.http import Bearer, sending
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.pace import Paced, pace_for
from connectors.parsing import documented, json_of, known_zone
from connectors.quickbooks import client, events, marks, wire
from connectors.quickbooks.lists import Changes
from connectors.records import Words, needed, written
from connectors.signatures import check_hmac_base64
from connectors.tokens import TokenStore
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status

HOME = "https://quickbooks.api.intuit.com"
GRANTS_AT = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
REQUESTS_A_SECOND = 4
NO_CALENDAR = "QuickBooks has no calendar: free times come from the record system"
NO_MESSAGES = "QuickBooks mails invoices only; messages go out by the messengers"
BOOKKEEPING = "making or voiding an invoice is bookkeeping, which Rebook leaves to people"


class QuickBooks(Connector):
    """Settings: `realm_id` (required), `time_field`, `day_starts`, `status_field`, `*_values`,
    `cancelled_items`, `noshow_items`, `voided` (ignore), `write_fields` (false), `minutes` (60),
    `zone`, `region`, `link_fields` (custom field=connection), `days_back` (30), `token_url`."""

    slug = "quickbooks"
    name = "QuickBooks Online"
    docs = "https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/invoice"
    prompts_staff = True
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "created": ChangeKind.BOOKED,
        "updated": ChangeKind.MOVED,
        "voided": ChangeKind.CANCELLED,
        "deleted": ChangeKind.CANCELLED,
    }
    signature_covers = frozenset({SignatureCovers.BODY})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: NO_CALENDAR,
        Capability.BUSY: NO_CALENDAR,
        Capability.BOOK: BOOKKEEPING,
        Capability.CANCEL: BOOKKEEPING,
        Capability.MARK_NOSHOW: BOOKKEEPING,
        Capability.TASK: "QuickBooks Online has no tasks in its API",
        Capability.MESSAGE: NO_MESSAGES,
        Capability.UPDATE_MESSAGE: NO_MESSAGES,
        Capability.EVIDENCE: NO_MESSAGES,
        Capability.CAMPAIGN: "QuickBooks has no campaigns",
        Capability.WATCH: "webhooks are set up in Intuit's developer portal, not by the API",
        Capability.SUGGEST: "an invoice has no calendar to show times in",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "QuickBooks":
        """Credentials: `client_id`, `client_secret`, `refresh_token`; `access_token` where there is one."""
        grant = RefreshGrant(
            settings.get("token_url") or GRANTS_AT,
            credentials.get("client_id", ""),
            credentials.get("client_secret", ""),
            basic=True,
        )
        store = tokens or MemoryTokens(dict(credentials))
        home = f"{base_url or HOME}/v3/company/{needed(settings, 'realm_id')}"
        http = client.Books(
            home,
            auth=Bearer(token_source(store, grant)),
            transport=Paced(sending(), pace_for(home, settings, REQUESTS_A_SECOND)),
            code_of=client.error_code,
            too_many=client.THROTTLED,
        )
        return cls(http, settings, credentials)

    def check(self) -> str:
        company = self.http.get(f"companyinfo/{self.settings['realm_id']}")
        with documented():
            return str(company["CompanyInfo"].get("CompanyName") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """Intuit signs no time. A repeat has the same body, and is known by it."""
        check_hmac_base64(request.header("intuit-signature"), request.body, secrets)
        return Verified(sha256(request.body).hexdigest())

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """One delivery may hold the events of several companies: the others are not ours."""
        realm = self.settings.get("realm_id", "")
        return [
            Change(self.webhook_kinds[event.kind], event.invoice, event.at)
            for event in events.read(json_of(stored.body))
            if event.kind in self.webhook_kinds and realm in ("", event.realm)
        ]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        days_back = int(self.settings.get("days_back") or 30)
        yield from Changes(self.http, self.settings, days_back).pages(cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        invoice = self._invoice(appointment_id)
        found = wire.appointment(invoice, self.settings)
        if found is not None:
            customer = self._customer(invoice)
            return replace(found, person=wire.person(invoice, customer, self.settings))
        with documented():
            if wire.is_void(invoice, self.settings):
                raise NotFound("the invoice is void and names no time any more")
        raise NoAppointment("the invoice names no time we can read")

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """Nothing is booked in QuickBooks: the outcome is a line of ours in the private note."""
        invoice = self._invoice(appointment_id)
        with documented():
            if version and str(invoice["SyncToken"]) != version:
                raise Conflict("the invoice changed meanwhile")
            note, planned = wire.note_of(invoice), wire.planned(invoice, self.settings)
            signs, mark = wire.losses(invoice, self.settings), marks.read(note)
        was = planned or (mark.was if mark else None)
        if was is None:
            raise NoAppointment("the invoice names no time we can read")
        fields = self._fields(invoice, slot)
        answers = [sign for sign in signs if not (fields and sign.startswith("field:"))]
        line = marks.line(slot.starts_at, was, answers, self._zone)
        self._write(invoice, marks.replaced(note, line), line, fields)
        return appointment_id

    def annotate(self, appointment_id: str, note: str) -> None:
        invoice = self._invoice(appointment_id)
        there = wire.note_of(invoice)
        if note not in there:
            self._write(invoice, marks.added(there, note), note, [])

    def _write(
        self, invoice: wire.Row, note: str, ours: str, fields: Sequence[Mapping[str, Any]]
    ) -> None:
        """Sparse, or QuickBooks would empty every field that is not named; the same write has one id."""
        with documented():
            body: dict[str, Any] = {"Id": str(invoice["Id"]), "SyncToken": invoice["SyncToken"]}
        body |= {"sparse": True, "PrivateNote": note}
        if fields:
            body["CustomField"] = list(fields)
        same = uuid5(NAMESPACE_URL, f"{body['Id']}:{body['SyncToken']}:{note}")
        answer = self.http.post("invoice", body, requestid=str(same))
        with documented():
            if ours not in wire.note_of(answer["Invoice"]):
                raise VendorFault("the invoice does not show what was written")

    def _fields(self, invoice: wire.Row, slot: Slot) -> list[dict[str, Any]]:
        """With `write_fields`: all custom fields of the invoice, the two of ours changed."""
        if self.settings.get("write_fields", "").lower() != "true":
            return []
        new = {
            wire.name_of(self.settings, "time_field"): written(slot.starts_at, self._zone),
            wire.name_of(self.settings, "status_field"): Words.of(
                self.settings, wire.DEFAULTS
            ).write(Status.BOOKED),
        }
        with documented():
            rows = [dict(row) for row in invoice.get("CustomField") or []]
        return [r | {"StringValue": new[r["Name"]]} if r.get("Name") in new else r for r in rows]

    def _invoice(self, appointment_id: str) -> wire.Row:
        answer = self.http.get(f"invoice/{wire.number(appointment_id)}")
        with documented():
            return dict(answer["Invoice"])

    def _customer(self, invoice: wire.Row) -> wire.Row:
        with documented():
            customer = wire.customer_of(invoice)
        if not customer:
            return {}
        try:
            answer = self.http.get(f"customer/{customer}")
        except NotFound:
            return {}
        with documented():
            return dict(answer["Customer"])

    @property
    def _zone(self) -> str:
        return known_zone(self.settings.get("zone"))
