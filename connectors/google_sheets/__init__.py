"""Google Sheets: one row an appointment. A script the admin pastes tells of edits; polling finds the rest."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

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
from connectors.errors import Conflict, NotFound
from connectors.google_sheets import hook, wire
from connectors.google_sheets.client import HOME, TOO_MANY, OnOurHttp, error_code
from connectors.google_sheets.grants import google_grant
from connectors.google_sheets.tab import Tab
from connectors.google_sheets.table import Row, Table
from connectors.google_sheets.walk import Walk
from connectors.http import Bearer, Http
from connectors.oauth import MemoryTokens, token_source
from connectors.signatures import check_dotted_hmac
from connectors.tokens import TokenStore
from rebook.domain.appointments import Appointment, Busy, ChangeKind, Slot, Status

GRANTS_AT = "https://oauth2.googleapis.com/token"


class GoogleSheets(Connector):
    """Settings: `spreadsheet` (id or address), `sheet` (Appointments), `header_row` (1), `columns`
    (our name=title), `link_fields` (title=connection), `booked_values`, `cancelled_values`,
    `noshow_values`, `fulfilled_values`, `client_values`, `date_format`, `minutes` (60), `zone`,
    `region` (US), `days_back` (30), `most_gone` (20), `token_url`."""

    slug = "google_sheets"
    name = "Google Sheets"
    docs = "https://developers.google.com/workspace/sheets/api/reference/rest"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "booked": ChangeKind.MOVED,
        "cancelled": ChangeKind.CANCELLED,
        "noshow": ChangeKind.NOSHOW,
    }
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.TIME})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "a sheet says what is taken, not what is free",
        Capability.TASK: "a sheet has no to-do list for staff",
        Capability.MESSAGE: "a sheet sends no messages",
        Capability.UPDATE_MESSAGE: "a sheet sends no messages",
        Capability.EVIDENCE: "a sheet sends no messages",
        Capability.CAMPAIGN: "a sheet has no campaigns",
        Capability.WATCH: "Google lets no API call install a script's trigger: an admin pastes it",
        Capability.SUGGEST: "a row is an appointment; offered times go out by message",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "GoogleSheets":
        """Credentials: `client_email` and `private_key` of a service account, or `client_id`,
        `client_secret` and `refresh_token` of a person; `access_token` where there is one."""
        grant = google_grant(settings.get("token_url") or GRANTS_AT, credentials)
        store = tokens or MemoryTokens(dict(credentials))
        auth = Bearer(token_source(store, grant))
        http = Http(base_url or HOME, auth=auth, code_of=error_code, too_many=TOO_MANY)
        return cls(http, settings, credentials)

    @cached_property
    def _tab(self) -> Tab:
        return Tab(OnOurHttp(self.http), self.settings)

    def check(self) -> str:
        return self._tab.about().title or self.name

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """The scheme of our own script: Google signs nothing that a script sends."""
        given, at = request.header("x-rebook-signature"), request.header("x-rebook-timestamp")
        check_dotted_hmac([given], at, request.body, secrets)
        return Verified(hook.event_id(request.body))

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        return hook.translated(stored.body, self.settings)

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        yield from Walk(self._tab, self.settings, cursor).pages()

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        zone = self._tab.zone
        row = self._tab.snapshot().find(appointment_id)
        return wire.appointment(row, self.settings, zone)

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        zone = self._tab.zone
        seen = (wire.readable(row, self.settings, zone) for row in self._tab.snapshot().rows())
        return [
            Busy(one.starts_at, one.ends_at)
            for one in seen
            if one and one.status is Status.BOOKED and one.calendar in ("", calendar)
            if one.starts_at < ends_at and starts_at < one.ends_at
        ]

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """The row's id is made of our reference, so a repeat finds the first one's row."""
        table = self._tab.snapshot()
        if (found := self._standing(table, our_ref)) is not None:
            return found
        self._tab.append(table, wire.new_row(table.header, request, our_ref, self.settings))
        return wire.row_id(our_ref)

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        with suppress(Conflict):
            return self._standing(self._tab.snapshot(), our_ref)
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """New time and status; every other cell of the row is the staff's."""
        zone = self._tab.zone
        table, row = self._find(appointment_id)
        if version and version != wire.fingerprint(row):
            raise Conflict("the row changed since it was read")
        wanted = wire.times(row, slot, self.settings, zone)
        wanted["status"] = wire.words(self.settings, Status.BOOKED)[0]
        if slot.calendar and row.header.place("calendar") is not None:
            wanted["calendar"] = slot.calendar
        self._tab.write(table, row, wanted)
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        self._mark(appointment_id, Status.CANCELLED, reason)

    def mark_noshow(self, appointment_id: str) -> None:
        self._mark(appointment_id, Status.NOSHOW)

    def annotate(self, appointment_id: str, note: str) -> None:
        """In a column of our own, a line a note."""
        table, row = self._find(appointment_id)
        row.header.require("note")
        if (noted := wire.noted(row, note)) is not None:
            self._tab.write(table, row, {"note": noted})

    def _standing(self, table: Table, our_ref: str) -> str | None:
        """Raises `Conflict` for a row of ours that was cancelled since."""
        try:
            row = table.find(wire.row_id(our_ref))
        except NotFound:
            return None
        if wire.status_of(row.text("status"), self.settings) in wire.LOST:
            raise Conflict("the row that was booked is cancelled since")
        return row.id

    def _mark(self, appointment_id: str, status: Status, reason: str = "") -> None:
        table, row = self._find(appointment_id)
        if wire.status_of(row.text("status"), self.settings) is status:
            return
        wanted: dict[str, Any] = {"status": wire.words(self.settings, status)[0]}
        if reason and row.header.place("reason") is not None:
            wanted["reason"] = reason
        self._tab.write(table, row, wanted)

    def _find(self, appointment_id: str) -> tuple[Table, Row]:
        table = self._tab.snapshot()
        return table, table.find(appointment_id)
