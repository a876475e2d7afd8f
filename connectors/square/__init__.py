"""Square Bookings: https://developer.squareup.com/docs/bookings-api. A cancelled booking is final."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

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
    Watch,
    WebhookRequest,
)
from connectors.errors import NotFound, Refused, SlotTaken, VendorFault
from connectors.http import after
from connectors.parsing import documented, instant, json_of, pairs
from connectors.signatures import check_url_hmac_base64
from connectors.square import hooks, wire
from connectors.square.client import changed_meanwhile, square, version_of
from connectors.square.people import Register
from connectors.square.walk import Walk, Window
from connectors.square.wire import Place, Row
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status

NO_MESSAGES = "Square sends its own notices only"


class Square(Connector):
    """Settings: `locations` (ids), `service_map`, `calendar_map` (other system's=ours),
    `service_names` (id=name), `permissions` (`seller` or `buyer`), `link_fields` (word=connection),
    `region`, `zone`, `minutes` (60), `days_back` (2), `days_ahead` (60), `api_version`."""

    slug = "square"
    name = "Square Bookings"
    docs = "https://developer.squareup.com/reference/square/bookings-api"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "booking.created": ChangeKind.BOOKED,
        "booking.updated": ChangeKind.MOVED,
    }
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.URL})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.BUSY: "availability is answered by find_slots; there is no free/busy call",
        Capability.MARK_NOSHOW: "a booking's status is read-only: staff mark a no-show in Square",
        Capability.TASK: "Square has no tasks",
        Capability.MESSAGE: NO_MESSAGES,
        Capability.UPDATE_MESSAGE: NO_MESSAGES,
        Capability.EVIDENCE: NO_MESSAGES,
        Capability.CAMPAIGN: "Square's marketing cannot be started by its API",
        Capability.SUGGEST: "a booking that is not accepted yet would still take the time",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Square":
        """Credentials: `access_token`; or `client_id`, `client_secret`, `refresh_token`."""
        return cls(square(base_url, settings, credentials, tokens), settings, credentials)

    def check(self) -> str:
        return self._register.business or self.name

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """No time is signed: the event's id tells a repeat."""
        given = request.header("x-square-hmacsha256-signature")
        check_url_hmac_base64(given, request.url, request.body, secrets)
        told = json_of(request.body)
        own = told.get("event_id") if isinstance(told, dict) else None
        return Verified(own[:80] if isinstance(own, str) and own else None)

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """There is no event for a cancellation: the booking's status says it."""
        try:
            with documented():
                told = json_of(stored.body)
                kind, booking = self.webhook_kinds[told["type"]], told["data"]["object"]["booking"]
                own, status = booking["id"], wire.STATUSES[booking["status"]]
                occurred_at = instant(told["created_at"])
        except VendorFault:
            return []
        if not (isinstance(own, str) and wire.OWN_ID.fullmatch(own)):
            return []
        return [Change(wire.KINDS.get(status, kind), own, occurred_at)]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        now = clock.now().replace(microsecond=0)
        back = timedelta(days=int(self.settings.get("days_back") or 2))
        ahead = timedelta(days=int(self.settings.get("days_ahead") or 60))
        walk = Walk(self._rows, self._row, self._read)
        yield from walk.pages(Window(now - back, now + ahead), cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return self._read(self._row(appointment_id))

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        service, calendar = self._service(query.service_id), self._calendar(query.calendar)
        found: list[Slot] = []
        for location in self._locations:
            for first, last in wire.spans(max(query.starts_at, clock.now()), query.ends_at):
                body = wire.search(first, last, location, service, calendar)
                found += wire.slots(self.http.post("v2/bookings/availability/search", body))
        kept = {(s.starts_at, s.calendar): s for s in wire.within(found, query)}
        return sorted(kept.values(), key=lambda slot: (slot.starts_at, slot.calendar))

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """The idempotency key is made of our reference: Square gives the same booking to a repeat."""
        customer = self._customer(request)
        place = self._place(request.slot, request.service_id)
        lines = [request.note, f"Rebook {our_ref}"] if self._is_seller else []
        body = wire.new_booking(request.slot, place, customer, wire.note_of(*lines))
        return self._create(body, wire.key("book", our_ref))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """By our reference where we may write one, else by person and time."""
        at, second = request.slot.starts_at, timedelta(seconds=1)
        for row in self._rows(Window(at - second, at + second)):
            found = self._read(row)
            stands = found.status is Status.BOOKED and found.starts_at == at
            if stands and found.id != request.was and self._is_ours(found, request, our_ref):
                return found.id
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """What stands is moved. A lost booking cannot be revived: a new one is made, under a new id."""
        row = self._row(appointment_id)
        old = self._read(row)
        if old.status is not Status.BOOKED:
            return self._replace(row, old, slot)
        booking: dict[str, Any] = {"version": version_of(version or old.version)}
        booking["start_at"] = wire.rfc3339(slot.starts_at)
        calendar = self._calendar(slot.calendar)
        if calendar and calendar != old.calendar:
            booking["appointment_segments"] = self._place(slot, old.service_id).segments
        key = wire.key("move", appointment_id, booking["start_at"], str(booking["version"]))
        with changed_meanwhile():
            answer = self.http.put(
                _path(appointment_id), {"idempotency_key": key, "booking": booking}
            )
        with documented():
            if instant(answer["booking"]["start_at"]) != slot.starts_at:
                raise VendorFault("the booking is not at the time it was moved to")
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        """Square keeps no reason. What is missed or cancelled already stays as it is."""
        with documented():
            row = self._row(appointment_id)
            status, version = wire.STATUSES[row["status"]], int(row.get("version", 0))
        if status is not Status.BOOKED:
            return
        key = wire.key("cancel", appointment_id, str(version))
        body = {"idempotency_key": key, "booking_version": version}
        with changed_meanwhile():
            self.http.post(f"{_path(appointment_id)}/cancel", body)

    def annotate(self, appointment_id: str, note: str) -> None:
        """In the seller's own note, which the customer does not see."""
        if not self._is_seller:
            raise Refused("with buyer permissions no note can be written", code="buyer_permissions")
        with documented():
            row = self._row(appointment_id)
            kept, version = str(row.get("seller_note") or ""), int(row.get("version", 0))
        if note in kept.splitlines():
            return
        booking = {"version": version, "seller_note": wire.note_of(kept, note)[:4096]}
        key = wire.key("note", appointment_id, note, str(version))
        with changed_meanwhile():
            self.http.put(_path(appointment_id), {"idempotency_key": key, "booking": booking})

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        return hooks.ensure(self.http, callback_url)

    def _replace(self, row: Row, old: Appointment, slot: Slot) -> str:
        place = self._place(slot, old.service_id)
        kept = wire.REFERENCE.sub("", str(row.get("seller_note") or "")).strip()
        note = wire.note_of(kept, f"Rebook in place of {old.id}") if self._is_seller else ""
        body = wire.new_booking(slot, place, str(row.get("customer_id") or ""), note)
        return self._create(body, wire.key("replace", old.id, body["start_at"]))

    def _create(self, booking: Mapping[str, Any], key: str) -> str:
        with changed_meanwhile():
            made = self.http.post("v2/bookings", {"idempotency_key": key, "booking": booking})
        with documented():
            own = made["booking"]["id"]
            if not (isinstance(own, str) and own):
                raise VendorFault("the booking was made without an id")
        return own

    def _customer(self, request: BookingRequest) -> str:
        """The one of the booking that is replaced, else the one with this address or number."""
        if wire.OWN_ID.fullmatch(request.was):
            with suppress(NotFound):
                return str(self._row(request.was).get("customer_id") or "")
        if found := self._register.find(request.person):
            return found
        raise Refused("no customer has this address or number", code="no_customer")

    def _place(self, slot: Slot, service_id: str) -> Place:
        """As the slot's own key says; a slot of another platform is looked for here."""
        if found := Place.load(slot.key):
            return found
        ends_at = slot.starts_at + wire.A_DAY
        query = SlotQuery(service_id, slot.starts_at, ends_at, 1, "UTC", slot.calendar)
        same = [one for one in self.find_slots(query) if one.starts_at == slot.starts_at]
        place = Place.load(same[0].key) if same else None
        if place is None:
            raise SlotTaken("the platform does not offer this time")
        return place

    def _is_ours(self, found: Appointment, request: BookingRequest, our_ref: str) -> bool:
        if self._is_seller:
            return found.ours == our_ref
        there, wanted = found.person, request.person
        same_mail = bool(wanted.email) and there.email.casefold() == wanted.email.casefold()
        return same_mail or (bool(wanted.phone) and there.phone == wanted.phone)

    def _rows(self, window: Window) -> Iterator[Row]:
        """Of every location, or of those named; thirty-one days at once, to the last page."""
        for location in self._named or [""]:
            for first, last in wire.spans(window.first, window.last):
                span = {"start_at_min": wire.rfc3339(first), "start_at_max": wire.rfc3339(last)}
                asked = {**span, "location_id": location or None, "limit": 100}
                for page in self.http.pages("v2/bookings", after("cursor"), **asked):
                    with documented():
                        rows = [dict(row) for row in page.get("bookings") or []]
                    yield from rows

    def _row(self, appointment_id: str) -> Row:
        answer = self.http.get(_path(appointment_id))
        with documented():
            return dict(answer["booking"])

    def _read(self, row: Row) -> Appointment:
        person = self._register.person(str(row.get("customer_id") or ""))
        zone = self.settings.get("zone") or self._register.zones.get(str(row.get("location_id")))
        return wire.appointment(row, person, zone or "", self.settings)

    @cached_property
    def _register(self) -> Register:
        return Register(self.http, self.settings.get("region") or "US")

    @property
    def _named(self) -> list[str]:
        named = self.settings.get("locations", "").split(",")
        return [one.strip() for one in named if one.strip()]

    @property
    def _locations(self) -> list[str]:
        return self._named or list(self._register.zones)

    @property
    def _is_seller(self) -> bool:
        return self.settings.get("permissions") != "buyer"

    def _service(self, service_id: str) -> str:
        return pairs(self.settings.get("service_map", "")).get(service_id, service_id)

    def _calendar(self, calendar: str) -> str:
        return pairs(self.settings.get("calendar_map", "")).get(calendar, calendar)


def _path(appointment_id: str) -> str:
    if not wire.OWN_ID.fullmatch(appointment_id):
        raise NotFound("not a Square booking id")
    return f"v2/bookings/{appointment_id}"
