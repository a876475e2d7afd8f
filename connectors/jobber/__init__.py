"""Jobber: https://developer.getjobber.com/docs. A visit is the appointment; its job is the service."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
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
from connectors.errors import Conflict, NotFound, Refused, VendorFault
from connectors.http import Bearer, Http
from connectors.jobber import queries, wire
from connectors.jobber.graphql import GraphQL
from connectors.jobber.walk import Listed, Walk
from connectors.oauth import MemoryTokens, RefreshGrant, token_source
from connectors.parsing import MALFORMED, documented, instant, json_of, known_zone
from connectors.signatures import check_hmac_base64
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Busy, Change, ChangeKind, Slot

HOME = "https://api.getjobber.com/api"
VERSION = "2026-05-12"
A_MINUTE = timedelta(minutes=1)


class Jobber(Connector):
    """Settings: `zone` (IANA), `region` (US), `minutes` (60), `noshow_values` (LATE), `late_minutes`
    (60), `days_back` (7), `days_ahead` (60), `api_version`, `token_url`. A calendar is a user's id."""

    slug = "jobber"
    name = "Jobber"
    docs = "https://developer.getjobber.com/docs"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "VISIT_CREATE": ChangeKind.BOOKED,
        "VISIT_UPDATE": ChangeKind.MOVED,
        "VISIT_COMPLETE": ChangeKind.MOVED,
        "VISIT_DESTROY": ChangeKind.CANCELLED,
    }
    signature_covers = frozenset({SignatureCovers.BODY})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "Jobber tells what is scheduled; free times are computed from it",
        Capability.MARK_NOSHOW: "Jobber has no word for a missed visit: it stays incomplete",
        Capability.MESSAGE: "Jobber's texts and reminders are not open to apps",
        Capability.UPDATE_MESSAGE: "Jobber's texts and reminders are not open to apps",
        Capability.EVIDENCE: "Jobber's texts and reminders are not open to apps",
        Capability.CAMPAIGN: "Jobber's campaigns and reminders are not open to apps",
        Capability.WATCH: "webhooks are set up once for the app, in Jobber's Developer Center",
        Capability.SUGGEST: "a visit is planned or not; nothing on its calendar is tentative",
    }

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        super().__init__(http, settings, credentials)
        self.graphql = GraphQL(http, settings.get("api_version") or VERSION)
        self.zone = known_zone(settings.get("zone"))

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Jobber":
        """Credentials: `client_id`, `client_secret`, `refresh_token`. Each refresh ends the last one."""
        grant = RefreshGrant(
            settings.get("token_url") or f"{HOME}/oauth/token",
            credentials.get("client_id", ""),
            credentials.get("client_secret", ""),
        )
        store = tokens or MemoryTokens(dict(credentials))
        http = Http(base_url or HOME, auth=Bearer(token_source(store, grant)))
        return cls(http, settings, credentials)

    def check(self) -> str:
        with documented():
            return str(self.graphql.ask(queries.ACCOUNT)["account"]["name"])

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """The key is the app's client secret. No time is signed: a repeat only makes us look again."""
        check_hmac_base64(request.header("x-jobber-hmac-sha256"), request.body, secrets)
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Jobber spells it `occuredAt`; an item's data is never sent along."""
        try:
            event = json_of(stored.body)["data"]["webHookEvent"]
            kind = self.webhook_kinds[event["topic"]]
            at = event.get("occuredAt") or event.get("occurredAt")
            return [Change(kind, wire.encoded_id(event["itemId"]), instant(at) if at else None)]
        except MALFORMED:
            return []

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        now = clock.now().replace(microsecond=0)
        back = timedelta(days=int(self.settings.get("days_back") or 7))
        ahead = timedelta(days=int(self.settings.get("days_ahead") or 60))
        yield from Walk(self._list, self.fetch_appointment).pages(now - back, now + ahead, cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        """Raises `WithoutTime` for a visit that was unscheduled, `NotFound` for a deleted one."""
        return self._read(self._visit(appointment_id))

    def busy_times(self, calendar: str, starts_at: datetime, ends_at: datetime) -> list[Busy]:
        items = self._scheduled(starts_at, ends_at, users=[calendar] if calendar else None)
        return [busy for item in items if (busy := wire.busy(item, self.settings)) is not None]

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """A visit that still stands gets the new time; a deleted one is made again on its job."""
        old = self._standing(request.was)
        if old is not None:
            return self._schedule(old, request.slot)
        if not request.service_id:
            raise Refused("no job is known to make a visit on", code="unknown_job")
        made = self.graphql.change(
            queries.CREATE,
            "visitCreate",
            job=request.service_id,
            input={"visits": [wire.new_visit(request, our_ref, self.zone)]},
        )
        with documented():
            visit = made["createdVisits"][0]
            _must_stand(visit, request.slot)
            return wire.encoded_id(visit["id"])

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        start = request.slot.starts_at
        old = self._standing(request.was)
        if old is not None:
            with documented():
                moved = bool(old["startAt"]) and instant(old["startAt"]) == start
            return request.was if moved else None
        for found, _more in self._list(start - A_MINUTE, start + A_MINUTE):
            for one in found:
                if one.ours == our_ref and one.starts_at == start:
                    return one.id
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        visit = self._visit(appointment_id)
        if version and visit.get("startAt"):
            wanted = (version, wire.version(slot.starts_at, slot.ends_at))
            if self._read(visit).version not in wanted:
                raise Conflict("the visit stands at another time than was seen")
        return self._schedule(visit, slot)

    def cancel(self, appointment_id: str, reason: str) -> None:
        """Jobber cancels by deleting, and keeps no reason."""
        visit = self._find(appointment_id)
        if visit and visit.get("startAt"):
            self.graphql.change(queries.DELETE, "visitDelete", ids=[appointment_id])

    def annotate(self, appointment_id: str, note: str) -> None:
        """On the visit itself: a job's notes cannot be read back, so a repeat would add a second."""
        text = str(self._visit(appointment_id).get("instructions") or "")
        if note not in text.splitlines():
            attributes = {"instructions": f"{text.rstrip()}\n{note}".lstrip()}
            self.graphql.change(
                queries.WRITE, "visitEdit", id=appointment_id, attributes=attributes
            )

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        """For today, at any time; found again by our reference within a week."""
        now = clock.now()
        week = timedelta(days=7)
        for task in self._scheduled(now - week, now + week, kind="BASIC_TASK"):
            if wire.is_ours(task, our_ref):
                return wire.encoded_id(task["id"])
        text = {"title": title, "instructions": wire.with_reference(note, our_ref)}
        today = {"startAt": _text(now), "allDay": True}
        made = self.graphql.change(queries.TASK, "taskCreate", input={**text, **today})
        with documented():
            return wire.encoded_id(made["task"]["id"])

    def _find(self, visit_id: str) -> dict[str, Any] | None:
        found = self.graphql.ask(queries.ONE, id=visit_id)
        with documented():
            return None if found["visit"] is None else dict(found["visit"])

    def _visit(self, visit_id: str) -> dict[str, Any]:
        visit = self._find(visit_id)
        if visit is None:
            raise NotFound("the visit is deleted")
        return visit

    def _standing(self, visit_id: str) -> dict[str, Any] | None:
        """The visit unless it is deleted or done."""
        visit = self._find(visit_id) if visit_id else None
        return None if visit is None or visit.get("isComplete") else visit

    def _read(self, visit: wire.Row) -> Appointment:
        return wire.appointment(visit, self.settings)

    def _list(self, first: datetime, last: datetime) -> Listed:
        between = {"from": _text(first), "to": _text(last)}
        for nodes, more in self.graphql.pages(queries.MANY, "visits", **between):
            yield [self._read(visit) for visit in nodes if visit.get("startAt")], more

    def _scheduled(self, first: datetime, last: datetime, **only: Any) -> list[dict[str, Any]]:
        within = {"startAt": _text(first), "endAt": _text(last)}
        pages = self.graphql.pages(queries.SCHEDULED, "scheduledItems", within=within, **only)
        return [item for nodes, _more in pages for item in nodes]

    def _schedule(self, visit: wire.Row, slot: Slot) -> str:
        """Time first, then crew. Setting the same time twice is harmless."""
        if visit.get("isComplete"):
            raise Refused("a completed visit is not moved", code="completed")
        with documented():
            identity, crew = wire.encoded_id(visit["id"]), wire.assigned(visit)
        body = wire.schedule(slot, self.zone)
        made = self.graphql.change(queries.SCHEDULE, "visitEditSchedule", id=identity, input=body)
        with documented():
            _must_stand(made["visit"], slot)
        if slot.calendar and slot.calendar != crew:
            users = {"assignedUserIds": [slot.calendar]}
            self.graphql.change(queries.ASSIGN, "visitEditAssignedUsers", id=identity, input=users)
        return identity


def _must_stand(visit: wire.Row, slot: Slot) -> None:
    if instant(visit["startAt"]) != slot.starts_at:
        raise VendorFault("the visit is not at the time it was given")


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
