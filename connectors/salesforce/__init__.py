"""Salesforce: https://developer.salesforce.com/docs. Appointments are Events with a status field added."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from simple_salesforce.format import format_soql

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
    WebhookRequest,
)
from connectors.errors import BadSignature, NotFound, Refused, VendorFault, after_a_write
from connectors.http import Bearer, Http
from connectors.oauth import ClientGrant, MemoryTokens, RefreshGrant, token_source
from connectors.parsing import documented, pairs
from connectors.salesforce import feed, outbound, wire
from connectors.salesforce.client import TOO_MANY, Org, code_of
from connectors.salesforce.membership import Membership
from connectors.salesforce.wire import Fields
from connectors.signatures import check_shared_secret
from connectors.tokens import TokenStore
from rebook.domain.appointments import Appointment, Busy, Change, ChangeKind, Person, Slot, Status

HOME = "https://login.salesforce.com"
VERSION = "59.0"


class Salesforce(Connector):
    """Settings: `version`, `zone`, `region`, `days_back`, `status_field`, `ref_field`, `*_values`,
    `*_value`, `link_fields`, `calendar_map`, `owner`, `organization`, `campaign`, `token_url`."""

    slug = "salesforce"
    name = "Salesforce"
    docs = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "Missed": ChangeKind.NOSHOW,
        "Cancelled": ChangeKind.CANCELLED,
        "Rescheduled": ChangeKind.MOVED,
    }
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "Events tell busy times; free ones are computed from them",
        Capability.MESSAGE: "Salesforce writes to clients from flows, not by a call of the REST API",
        Capability.UPDATE_MESSAGE: "Salesforce has no call to write to the client",
        Capability.EVIDENCE: "Salesforce has no call to write to the client",
        Capability.WATCH: "an admin deploys the flow and its outbound message; the files are shipped",
        Capability.SUGGEST: "an Event has no tentative state; offered times go out by message",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Salesforce":
        """Credentials: `client_id`, `client_secret`, and a `refresh_token` where a user signed in."""
        base = base_url or HOME
        grant = (RefreshGrant if credentials.get("refresh_token") else ClientGrant)(
            settings.get("token_url") or f"{base.rstrip('/')}/services/oauth2/token",
            credentials["client_id"],
            credentials["client_secret"],
        )
        store = tokens or MemoryTokens(dict(credentials))
        http = Http(
            base,
            auth=Bearer(token_source(store, grant)),
            code_of=code_of,
            too_many=TOO_MANY,
        )
        return cls(http, settings, credentials)

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        super().__init__(http, settings, credentials)
        self._fields = Fields(settings)

    @cached_property
    def _org(self) -> Org:
        return Org(self.http, self.settings.get("version") or VERSION)

    def check(self) -> str:
        for row in self._org.query("SELECT Name FROM Organization LIMIT 1"):
            return str(row.get("Name") or self.name)
        raise VendorFault("the org does not tell its name")

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """Nothing is signed: a secret stands in the address, and the org's id may be asked for too."""
        given = parse_qs(urlsplit(request.url).query).get("key", [""])[0]
        check_shared_secret(given, secrets)
        message = outbound.read(request.body)
        wanted = self.settings.get("organization", "")
        if wanted and wanted[:15] != message.organization[:15]:
            raise BadSignature("the message is of another org")
        told = ",".join(message.ids)
        return Verified(hashlib.sha256(told.encode()).hexdigest()[:32] if told else None)

    def respond(self, request: WebhookRequest) -> Answer | None:
        """Any other answer is taken for a failure, and the message is sent again for a day."""
        return Answer(outbound.ACK, "text/xml")

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Messages come late and out of order: each says only which event to read again."""
        changes: list[Translated] = []
        for record in outbound.read(stored.body).records:
            said = self._fields.status_of(record.get(self._fields.status, ""))
            if wire.AN_ID.fullmatch(record.get("Id", "")):
                changes.append(Change(wire.KINDS[said], record["Id"]))
        return changes

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        yield from feed.pages(self._org, self._fields, self.settings, cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return wire.appointment(self._row(appointment_id), self._fields, self.settings)

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        """All the owner's events, those of invitees too, but for those that no longer stand."""
        zone = self.settings.get("zone", "")
        where = wire.busy_where(self._owner(calendar), starts_at, ends_at, zone)
        names = "StartDateTime, EndDateTime, ActivityDate, EndDate, IsAllDayEvent"
        rows = self._org.query(f"SELECT {names}, {self._fields.status} FROM Event WHERE {where}")  # noqa: S608 - SOQL
        standing = (Status.BOOKED, Status.FULFILLED)
        return [
            wire.busy(row, zone)
            for row in rows
            if self._fields.status_of(str(row.get(self._fields.status) or "")) in standing
        ]

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """Our reference is an external id, so a repeat makes no second one. Clashes are not checked."""
        was: wire.Row = {}
        with suppress(NotFound):
            was = self._row(request.was) if request.was else {}
        owner = self._owner(request.slot.calendar) if request.slot.calendar else ""
        body = {
            **wire.new_event(request, was, owner or self.settings.get("owner", "")),
            **self._fields.written(Status.BOOKED),
        }
        made = self._put("Event", body, our_ref)
        with after_a_write():
            return made or self._required(self.find_booking(request, our_ref=our_ref))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        if self._fields.ref:
            where = format_soql(f"{self._fields.ref} = {{}}", our_ref)
        else:
            body = wire.new_event(request, {}, "")
            where = format_soql("Subject = {}", body["Subject"])
        where = f"{where} AND StartDateTime = {wire.stamp(request.slot.starts_at)}"
        for row in self._org.query(f"{self._fields.select(where)} ORDER BY CreatedDate"):
            found = wire.appointment(row, self._fields, self.settings)
            if found.status is Status.BOOKED and found.id != request.was:
                return found.id
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """The same event with its new time and the status that says it was rebooked."""
        body = {**wire.times(slot), **self._fields.written(Status.BOOKED)}
        self._change(appointment_id, body, version)
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        """What was deleted is cancelled."""
        with suppress(NotFound):
            self._change(appointment_id, self._fields.written(Status.CANCELLED))

    def mark_noshow(self, appointment_id: str) -> None:
        self._change(appointment_id, self._fields.written(Status.NOSHOW))

    def annotate(self, appointment_id: str, note: str) -> None:
        row = self._row(appointment_id)
        with documented():
            there, version = str(row.get("Description") or ""), str(row["LastModifiedDate"])
        if note not in there.splitlines():
            body = {"Description": f"{there.rstrip()}\n{note}".lstrip()}
            self._change(appointment_id, body, version)

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        owner = self.settings.get("task_owner") or self.settings.get("owner", "")
        body = {"Subject": title, "Description": note, **({"OwnerId": owner} if owner else {})}
        return self._put("Task", body, our_ref) or our_ref

    def start_campaign(self, person: Person, *, our_ref: str) -> str:
        """A member of a campaign, whose own flow does the rest. A member already is one."""
        return self._membership(person).begin()

    def stop_campaign(self, person: Person, *, our_ref: str) -> None:
        self._membership(person).end()

    def in_campaign(self, person: Person, *, our_ref: str) -> bool:
        return bool(self._membership(person).members())

    def _membership(self, person: Person) -> Membership:
        return Membership(self._org, self.settings.get("campaign", ""), person)

    def _row(self, appointment_id: str) -> wire.Row:
        where = format_soql("Id = {}", wire.known_id(appointment_id))
        for row in self._org.query(self._fields.select(where)):
            return row
        raise NotFound("the event is not there")

    def _put(self, kind: str, body: wire.Row, our_ref: str) -> str:
        if self._fields.ref:
            return self._org.upsert(kind, self._fields.ref, our_ref, body)
        return self._org.create(kind, body)

    def _change(self, appointment_id: str, body: wire.Row, version: str = "") -> None:
        headers = wire.unmodified_since(version) if version else {}
        self._org.update("Event", wire.known_id(appointment_id), body, headers)

    def _owner(self, calendar: str) -> str:
        """Our user for a calendar that may be another system's. Guessing would book the wrong person."""
        ours = pairs(self.settings.get("calendar_map", "")).get(calendar, calendar)
        if wire.AN_ID.fullmatch(ours):
            return ours
        raise Refused("no user is configured for this calendar", code="unknown_calendar")

    @staticmethod
    def _required(found: str | None) -> str:
        if found is None:
            raise VendorFault("the event that was made cannot be found")
        return found
