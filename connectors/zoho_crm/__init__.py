"""Zoho CRM v8, module Appointments: https://www.zoho.com/crm/developer/docs/api/v8."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import ClassVar

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
from connectors.errors import NotFound, Refused, WithoutTime, after_a_write
from connectors.http import Bearer, Http, sending
from connectors.oauth import MemoryTokens, token_source
from connectors.tokens import TokenStore
from connectors.zoho_crm import hooks, people, wire
from connectors.zoho_crm.changes import Changes
from connectors.zoho_crm.people import People
from connectors.zoho_crm.records import TOO_MANY, Plain, Records, Row, error_code, number
from connectors.zoho_crm.token import ZohoGrant
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, ChangeKind, Slot, Status

A_WHILE = timedelta(days=3)
EARLIER = "DEPENDENT_FIELD_UNCHANGED"


def accounts_at(centre: str) -> str:
    """Where people of a data centre sign in, and tokens are given."""
    return f"https://accounts.{'zohocloud.ca' if centre == 'ca' else f'zoho.{centre}'}"


class ZohoCrm(Connector):
    """Settings: `data_centre` (com), `module` (Appointments__s), `status_field` (Status),
    `cancelled_values`, `noshow_values`, `fulfilled_values`, `late_minutes` (60), `minutes` (60),
    `ref_field`, `link_fields`, `zone`, `region`, `token_url`. A calendar is a user's id."""

    slug = "zoho_crm"
    name = "Zoho CRM"
    docs = "https://www.zoho.com/crm/developer/docs/api/v8"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = hooks.KINDS
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "Zoho has no call for free times; they are computed from it",
        Capability.MESSAGE: "Rebook's messages go by its own channels, not by the CRM's mails",
        Capability.UPDATE_MESSAGE: "Rebook's messages go by its own channels",
        Capability.EVIDENCE: "Rebook's messages go by its own channels",
        Capability.CAMPAIGN: "Zoho's campaigns are another product; cadences have no public call",
        Capability.SUGGEST: "an appointment there cannot be tentative; offered times go out by message",
    }

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        super().__init__(http, settings, credentials)
        self.records = Records(http)
        self.module = settings.get("module") or "Appointments__s"
        self.fields = wire.fields(settings)

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "ZohoCrm":
        """Credentials: `client_id`, `client_secret`, `refresh_token`, all of one data centre."""
        centre = settings.get("data_centre") or "com"
        grant = ZohoGrant(
            settings.get("token_url") or f"{accounts_at(centre)}/oauth/v2/token",
            credentials.get("client_id", ""),
            credentials.get("client_secret", ""),
        )
        store = tokens or MemoryTokens(dict(credentials))
        http = Http(
            base_url or f"https://www.zohoapis.{centre}",
            auth=Bearer(token_source(store, grant), "Zoho-oauthtoken"),
            transport=Plain(sending()),
            code_of=error_code,
            too_many=TOO_MANY,
        )
        return cls(http, settings, credentials)

    def check(self) -> str:
        """Zoho names the account in no call that these rights allow."""
        self.records.page(self.module, "id", {"page": 1}, since=None)
        return f"{self.name} ({self.settings.get('data_centre') or 'com'})"

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        hooks.check(request, secrets)
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        return [*hooks.changes(stored, self.module)]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        late = wire.patience(self.settings)
        reading = self._reading()

        def read(rows: list[Row]) -> list[Appointment | WithoutTime]:
            reading.read(rows)
            return [self._appointment(row, reading) for row in rows]

        changes = Changes(self.records, self.module, self.fields, read, late)
        yield from changes.pages(cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        row, reading = self._row(appointment_id), self._reading()
        found = self._appointment(row, reading)
        if isinstance(found, WithoutTime):
            raise found
        reading.read([row])
        return wire.appointment(row, self.settings, reading.of(row))

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """From half a day before, as what began earlier may still last."""
        first = wire.local(starts_at - timedelta(hours=12), self.settings)
        between = f"Appointment_Start_Time:between:{first},{wire.local(ends_at, self.settings)}"
        whose = f"(Owner.id:equals:{wire.owner(calendar)})" if calendar else ""
        criteria = f"({whose}and({between}))" if whose else f"({between})"
        rows = self.records.search(self.module, self.fields, criteria=criteria)
        taken = [busy for row in rows if (busy := wire.busy(row, self.settings)) is not None]
        return [one for one in taken if one.starts_at < ends_at and one.ends_at > starts_at]

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """Zoho asks for much: it is taken over from the old appointment, or from what is known."""
        fresh = wire.new(request.slot, our_ref, request.note, self.settings)
        with suppress(NotFound):
            if request.was:
                return self._follow(self._row(request.was), fresh)
        whom = people.find(self.records, request.person)
        name = f"{request.service} - {request.person.given_name} {request.person.family_name}"
        row = {
            "Appointment_Name": name.strip(" -"),
            "Appointment_For": whom,
            "Service_Name": {"id": request.service_id},
            "Location": "Business Address",
        }
        return self.records.create(self.module, {**row, **fresh})

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        return self._find(self.module, self.fields, our_ref)

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """What is cancelled or completed is never changed at Zoho: a new one follows it."""
        old = self._row(appointment_id)
        now = self._appointment(old, self._reading())
        closed = (Status.CANCELLED, Status.FULFILLED)
        if not isinstance(now, WithoutTime) and now.status in closed:
            return self._succeed(old, slot)
        body = {
            "Appointment_Start_Time": wire.local(slot.starts_at, self.settings),
            "Reschedule_Reason": "By Customer",
            "Reschedule_Note": "Rebook: the client chose a new time",
            **wire.revived(old, self.settings),
            **({"Owner": wire.owner(slot.calendar)} if slot.calendar else {}),
        }
        try:
            self.records.change(self.module, appointment_id, body)
        except Refused as refused:
            if refused.code != EARLIER:
                raise
            made = self._succeed(old, slot)
            with after_a_write():
                self.cancel(appointment_id, "Rebook: another appointment takes its place")
            return made
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        with suppress(NotFound):
            if self.fetch_appointment(appointment_id).status is Status.CANCELLED:
                return
            said = {wire.status_field(self.settings): wire.values("cancelled", self.settings)[0]}
            why = {"Cancellation_Reason": "By Team", "Cancellation_Note": reason}
            self.records.change(self.module, appointment_id, {**said, **why})

    def mark_noshow(self, appointment_id: str) -> None:
        """Zoho takes `Overdue` only after the end."""
        said = {wire.status_field(self.settings): wire.values("noshow", self.settings)[0]}
        self.records.change(self.module, appointment_id, said)

    def annotate(self, appointment_id: str, note: str) -> None:
        kept = str(self._row(appointment_id).get("Additional_Information") or "")
        if note not in kept.splitlines():
            text = f"{kept.rstrip()}\n{note}".lstrip()
            self.records.change(self.module, appointment_id, {"Additional_Information": text})

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        """Due today; found again by our reference while it is young."""
        made = self._find("Tasks", "id,Description,Modified_Time", our_ref, "Description")
        text = f"{note}\nRebook reference: {our_ref}".lstrip()
        day = f"{clock.now():%Y-%m-%d}"
        task = {"Subject": title, "Due_Date": day, "Description": text}
        return made or self.records.create("Tasks", task)

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        """A channel lasts a week at the most."""
        return hooks.ensure(self.http, self.module, callback_url, secret, current)

    def _row(self, appointment_id: str) -> Row:
        return self.records.one(self.module, number(appointment_id), self.fields)

    def _reading(self) -> People:
        return People(self.records, self.settings.get("region") or "US")

    def _appointment(self, row: Row, reading: People) -> Appointment | WithoutTime:
        try:
            return wire.appointment(row, self.settings, reading.of(row))
        except WithoutTime as without:
            return without

    def _find(
        self, module: str, fields: str, our_ref: str, text: str = "Additional_Information"
    ) -> str | None:
        """What carries our reference among what was modified in the last days, latest first."""
        since = clock.now() - A_WHILE
        for rows in self.records.lists(module, fields, since=since, order="desc"):
            for row in rows:
                mine = wire.reference(row, self.settings, text) == our_ref
                if mine and not wire.is_cancelled(row, self.settings):
                    return number(row.get("id"))
        return None

    def _succeed(self, old: Row, slot: Slot) -> str:
        """The new appointment that takes an old one's place, made once for a time."""
        our_ref = f"{old['id']}-{wire.stamp(slot.starts_at)}"
        made = self._find(self.module, self.fields, our_ref)
        return made or self._follow(old, wire.new(slot, our_ref, "", self.settings))

    def _follow(self, old: Row, fresh: Mapping[str, object]) -> str:
        linked = {"Rescheduled_From": {"id": old["id"]}, "Reschedule_Reason": "By Customer"}
        return self.records.create(self.module, {**wire.copied(old), **linked, **fresh})
