"""HubSpot: https://developers.hubspot.com. Appointments are meetings, or the appointments object."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import quote

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
    WebhookRequest,
)
from connectors.errors import (
    BadSignature,
    Conflict,
    NotFound,
    Refused,
    VendorFault,
    after_a_write,
)
from connectors.http import Bearer, Http, sending
from connectors.hubspot import events, links, wire
from connectors.hubspot.enrolment import Enrolment
from connectors.hubspot.feed import Feed
from connectors.hubspot.limits import REQUESTS_A_SECOND, Limited
from connectors.hubspot.records import Records, path, related
from connectors.hubspot.wire import Names
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.pace import pace_for
from connectors.parsing import documented, pairs
from connectors.signatures import check_hubspot, check_hubspot_v2
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status

HOME = "https://api.hubapi.com"
GRANTS_AT = "https://api.hubapi.com/oauth/v1/token"


class HubSpot(Connector):
    """Settings: `object` (meetings), `*_property`, `*_values`, `*_value`, `zone`, `region`, `minutes`,
    `days_back`, `link_fields`, `meeting_link`, `calendar_map`, `owner`, `campaign_property`, `app_id`,
    `portal_id`, `signature_v2`, `token_url`."""

    slug = "hubspot"
    name = "HubSpot"
    docs = "https://developers.hubspot.com/docs/api-reference/overview"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = events.KINDS
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.URL, SignatureCovers.TIME})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.BUSY: "a meeting link tells free times; busy ones belong to the linked calendar",
        Capability.MESSAGE: "single mails need HubSpot's transactional add-on; its workflows write",
        Capability.UPDATE_MESSAGE: "HubSpot has no call to write to one client",
        Capability.EVIDENCE: "HubSpot has no call to write to one client",
        Capability.WATCH: "webhooks are declared in the app itself; a file for it is shipped",
        Capability.SUGGEST: "a meeting is booked or not; offered times go out by message",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "HubSpot":
        """Credentials: a private app's `access_token`, or `client_id`, `client_secret`, `refresh_token`."""
        pace = pace_for(f"hubspot@{base_url}", settings, REQUESTS_A_SECOND)
        http = Http(
            base_url or HOME,
            auth=Bearer(_token(settings, credentials, tokens)),
            transport=Limited(sending(), pace),
            code_of=wire.error_code,
            too_many=("RATE_LIMITS",),
        )
        return cls(http, settings, credentials)

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        super().__init__(http, settings, credentials)
        self._names = Names(settings)
        self._records = Records(http, self._names, settings)

    def check(self) -> str:
        """That the property exists which says what became of an appointment."""
        at = f"crm/v3/properties/{self._names.object}/{quote(self._names.status, safe='')}"
        with documented():
            return f"{self.name}: {self._names.object}, {self.http.get(at)['label']}"

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """Version 3; the older one, which says nothing of the time, only where it is switched on."""
        signed = (request.method, request.url, request.body, secrets)
        v3 = request.header("x-hubspot-signature-v3")
        if not v3 and self.settings.get("signature_v2", "").lower() == "true":
            check_hubspot_v2(request.header("x-hubspot-signature"), *signed)
        else:
            check_hubspot(v3, request.header("x-hubspot-request-timestamp"), *signed)
        portal = self.settings.get("portal_id", "")
        if portal and events.portals(request.body) - {portal}:
            raise BadSignature("the events are of another account")
        return Verified(events.key(request.body))

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        return [*events.changes(stored.body, self._names, self.settings.get("app_id", ""))]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        yield from Feed(self.http, self._names, self._records, self.settings).pages(cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return self._records.appointment(appointment_id)

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        return links.find_slots(self.http, self._link(required=True), query)

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """On the meeting link where one is set, which keeps the calendar too; else as a plain record."""
        if link := self._link():
            contact = links.book(self.http, link, request)
            with after_a_write():
                return self._found(contact, request)
        contact = self._contact_of(request)
        owner = pairs(self.settings.get("calendar_map", "")).get(request.slot.calendar, "")
        body = wire.new_record(
            request, self._names, contact, our_ref, owner or self.settings.get("owner", "")
        )
        try:
            made = self.http.post(path(self._names.object), body)
        except (Conflict, Refused):
            known = self._records.by_reference(our_ref) if self._names.ref else None
            if known is None:
                raise
            return known
        with documented():
            return wire.id_of(made)

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """By our own unique property where there is one, else by the contact and the time."""
        if self._names.ref and not self._link():
            return self._records.by_reference(our_ref)
        contact = self._contact_of(request)
        return self._at_that_time(contact, request) if contact else None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """HubSpot minds no versions: it is read once more where one is known."""
        number = wire.known_id(appointment_id)
        if version and self._records.row(number).get("updatedAt") != version:
            raise Conflict("the record was changed since it was read")
        changed = self._change(
            number, {**self._names.times(slot), **self._names.written(Status.BOOKED)}
        )
        with documented():
            if wire.moment(changed["properties"][self._names.start]) != slot.starts_at:
                raise VendorFault("the record is not at the time it was moved to")
        return number

    def cancel(self, appointment_id: str, reason: str) -> None:
        """What was archived is cancelled."""
        with suppress(NotFound):
            self._change(appointment_id, self._names.written(Status.CANCELLED))

    def mark_noshow(self, appointment_id: str) -> None:
        self._change(appointment_id, self._names.written(Status.NOSHOW))

    def annotate(self, appointment_id: str, note: str) -> None:
        name = self._names.note
        if not name:
            raise Refused("no property for notes is set", code="no_note_property")
        with documented():
            there = str(self._records.row(appointment_id)["properties"].get(name) or "")
        if note not in there.splitlines():
            self._change(appointment_id, {name: f"{there.rstrip()}\n{note}".lstrip()})

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        owner = self.settings.get("task_owner") or self.settings.get("owner", "")
        properties = {
            "hs_task_subject": title,
            "hs_task_body": f"{note}\n{our_ref}",
            "hs_task_status": "NOT_STARTED",
            "hs_timestamp": wire.stamp(clock.now()),
            **({"hubspot_owner_id": owner} if owner else {}),
        }
        made = self.http.post(path("tasks"), {"properties": properties})
        with documented():
            return wire.id_of(made)

    def start_campaign(self, person: Person, *, our_ref: str) -> str:
        """Our reference in a contact's property, on whose change the account's workflow enrols."""
        return self._enrolment(person).begin(our_ref)

    def stop_campaign(self, person: Person, *, our_ref: str) -> None:
        """Our reference is taken out again, on which the workflow lets go of the contact."""
        self._enrolment(person).end(our_ref)

    def in_campaign(self, person: Person, *, our_ref: str) -> bool:
        return self._enrolment(person).stands(our_ref)

    def _enrolment(self, person: Person) -> Enrolment:
        return Enrolment(self.http, self.settings.get("campaign_property", ""), person)

    def _link(self, *, required: bool = False) -> str:
        link = self.settings.get("meeting_link", "")
        if required and not link:
            raise Refused("no meeting link is set", code="no_meeting_link")
        return link

    def _change(self, appointment_id: str, properties: Mapping[str, str]) -> Any:
        at = f"{path(self._names.object)}/{wire.known_id(appointment_id)}"
        changed = self.http.patch(at, {"properties": dict(properties)})
        with documented():
            wire.id_of(changed)
        return changed

    def _contact_of(self, request: BookingRequest) -> str:
        """Whose the old record was; where it is gone or nobody's, the one with the address."""
        found: list[str] = []
        with suppress(NotFound):
            found = related(self._records.row(request.was)) if request.was else []
        return found[0] if found else self._records.contact_of(request.person.email)

    def _at_that_time(self, contact: str, request: BookingRequest) -> str | None:
        for one in self._records.read(self._records.of_contact(contact)):
            stands = one.status is Status.BOOKED and one.id != request.was
            if stands and one.starts_at == request.slot.starts_at:
                return one.id
        return None

    def _found(self, contact: str, request: BookingRequest) -> str:
        """Not shown yet is not known: the caller looks again."""
        found = self._at_that_time(contact, request)
        if found is None:
            raise VendorFault("the meeting that was booked is not shown yet")
        return found


def _token(
    settings: Mapping[str, str], credentials: Mapping[str, str], tokens: TokenStore | None
) -> Callable[[bool], str]:
    """A private app's token does not lapse; an OAuth app's does, and rotates."""
    store = tokens or MemoryTokens(dict(credentials))
    if not (credentials.get("refresh_token") or store.read().get("refresh_token")):
        return lambda _refused: credentials["access_token"]
    grant = RefreshGrant(
        settings.get("token_url") or GRANTS_AT,
        credentials.get("client_id", ""),
        credentials.get("client_secret", ""),
    )
    return token_source(store, grant)
