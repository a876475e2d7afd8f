"""ServiceTitan: https://developer.servicetitan.io. A job is moved rather than cancelled and made anew."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import httpx

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
from connectors.errors import Conflict, NotFound, Refused, SlotTaken, VendorFault, after_a_write
from connectors.http import Bearer, Http, sending
from connectors.oauth import ClientGrant, MemoryTokens, token_source
from connectors.pace import Paced, pace_for
from connectors.parsing import documented, instant, json_of
from connectors.servicetitan import feed, wire
from connectors.servicetitan.records import Records, Tenant
from connectors.signatures import check_hmac_either
from connectors.tokens import TokenStore
from rebook.domain import clock
from rebook.domain.appointments import Appointment, ChangeKind, Slot
from rebook.domain.messages import PollNow

HOME = "https://api.servicetitan.io"
GRANTS_AT = "https://auth.servicetitan.io/connect/token"
REQUESTS_A_SECOND = 25
TASK_IDS = {
    "reportedById": "task_reported_by",
    "assignedToId": "task_assigned_to",
    "businessUnitId": "task_business_unit",
    "employeeTaskTypeId": "task_type",
    "employeeTaskSourceId": "task_source",
}


class Signed(Bearer):
    """Every call names the app beside the tenant's token."""

    def __init__(self, app_key: str, store: TokenStore, grant: ClientGrant) -> None:
        super().__init__(token_source(store, grant))
        self._app_key = app_key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["ST-App-Key"] = self._app_key
        yield from super().auth_flow(request)


class ServiceTitan(Connector):
    """Settings: `tenant`, `zone`, `region`, `days_back`, `noshow_reasons`, `client_reasons`,
    `company_reasons`, `hold_means`, `missed_after`, `cancel_reason`, `skills`, `link_fields`,
    `task_*`, `signature_header`, `token_url`. An appointment's id is `job/visit`."""

    slug = "servicetitan"
    name = "ServiceTitan"
    docs = "https://developer.servicetitan.io/docs"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {}
    signature_covers = frozenset({SignatureCovers.BODY})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.BUSY: "capacity is answered by find_slots; there is no free/busy call",
        Capability.MARK_NOSHOW: "there is no such status; a cancel reason says it, and is read",
        Capability.MESSAGE: "a job's messages go to technicians, not to the client",
        Capability.UPDATE_MESSAGE: "ServiceTitan has no call to write to the client",
        Capability.EVIDENCE: "ServiceTitan has no call to write to the client",
        Capability.CAMPAIGN: "its marketing campaigns cannot be started for one person by a call",
        Capability.WATCH: "webhooks are set for the app in the developer portal, not by a call",
        Capability.SUGGEST: "an arrival window is booked or free; nothing on its board is tentative",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "ServiceTitan":
        """Credentials: `app_key` of the app, `client_id` and `client_secret` of the tenant."""
        grant = ClientGrant(
            settings.get("token_url") or GRANTS_AT,
            credentials["client_id"],
            credentials["client_secret"],
        )
        store = tokens or MemoryTokens(dict(credentials))
        http = Http(
            base_url or HOME,
            auth=Signed(credentials["app_key"], store, grant),
            transport=Paced(
                sending(),
                pace_for(f"{credentials['client_id']}@{base_url}", settings, REQUESTS_A_SECOND),
            ),
        )
        return cls(http, settings, credentials)

    def __init__(
        self, http: Http, settings: Mapping[str, str], credentials: Mapping[str, str]
    ) -> None:
        super().__init__(http, settings, credentials)
        self._tenant = Tenant(http, settings)
        self._records = Records(self._tenant)

    def check(self) -> str:
        units = self._tenant.get("settings", "business-units", pageSize=1)
        with documented():
            tenant = (units["data"][0] if units["data"] else {}).get("tenant") or {}
            return str(tenant.get("name") or self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """Webhooks V2 name no header, digest or spelling that could be read: all three are assumed."""
        header = self.settings.get("signature_header") or "x-servicetitan-signature"
        check_hmac_either(request.header(header.lower()), request.body, secrets)
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        """Event names and payloads are not documented: any of them is a reason to go and look."""
        return [PollNow()] if isinstance(json_of(stored.body), dict | list) else []

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        yield from feed.pages(self._tenant, self._records, cursor)

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        return self._records.appointment(self._row(wire.own(appointment_id)))

    def find_slots(self, query: SlotQuery) -> list[Slot]:
        body: dict[str, Any] = {
            "startsOnOrAfter": wire.stamp(query.starts_at),
            "endsOnOrBefore": wire.stamp(query.ends_at),
            "skillBasedAvailability": self.settings.get("skills", "true").lower() == "true",
        }
        if query.calendar:
            body["businessUnitIds"] = [wire.number(query.calendar)]
        if query.service_id:
            body["jobTypeId"] = wire.number(query.service_id)
        return wire.slots(self.http.post(self._tenant.path("dispatch", "capacity"), body), query)

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """A visit that stands or was cancelled is moved; a deleted one gets another on its job."""
        if not request.was:
            raise Refused("a visit is booked on the job of the one it replaces", code="no_job")
        try:
            return self.move(request.was, request.slot)
        except NotFound:
            job = wire.own(request.was).job
            if not job:
                raise
        body = {"jobId": int(job), **wire.times(request.slot)}
        made = self.http.post(self._visits(), body)
        if self._when(made) != request.slot.starts_at:
            raise VendorFault("the visit was made for another time")
        return str(wire.own_of(made))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        """By job and time: nobody else puts a second visit of one job at one time."""
        lost = wire.own(request.was)
        job = lost.job or wire.own_of(self._row(lost)).job
        for row in self._tenant.listed("jpm", "appointments", jobId=job):
            with documented():
                stands = row["status"] in wire.STANDING
            if stands and self._when(row) == request.slot.starts_at:
                return str(wire.own_of(row))
        return None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """A cancellation or a hold is removed first where ServiceTitan asks for it."""
        own = wire.own(appointment_id)
        if version and self._row(own).get("modifiedOn") != version:
            raise Conflict("the visit was changed since it was read")
        try:
            moved = self._reschedule(own, slot)
        except (Refused, Conflict) as refusal:
            revived = self._revived(own, slot)
            if revived is None:
                raise _meaning(refusal) from None
            moved = revived
        with documented():
            is_lost = moved["status"] in wire.LOST
        if is_lost:
            moved = self._revived(own, slot) or moved
        if self._when(moved) != slot.starts_at:
            raise VendorFault("the visit is not at the time it was moved to")
        return str(wire.own_of(moved))

    def cancel(self, appointment_id: str, reason: str) -> None:
        """Only a whole job can be cancelled: one visit of several is deleted instead."""
        own = self._known(appointment_id)
        job = self._tenant.get("jpm", f"jobs/{own.job}")
        with documented():
            cancelled, visits = job["jobStatus"] == "Canceled", int(job["appointmentCount"])
        if cancelled:
            return
        if visits > 1:
            with suppress(NotFound):
                self.http.delete(self._visits(own.visit))
            return
        why = wire.number(self.settings.get("cancel_reason", ""))
        self.http.put(self._jobs(own.job, "cancel"), {"reasonId": why, "memo": reason})

    def annotate(self, appointment_id: str, note: str) -> None:
        own = self._known(appointment_id)
        for row in self._tenant.listed("jpm", f"jobs/{own.job}/notes"):
            with documented():
                if row["text"] == note:
                    return
        self.http.post(self._jobs(own.job, "notes"), {"text": note, "pinToTop": False})

    def create_task(self, title: str, note: str, *, our_ref: str) -> str:
        """Who and what kind are ids of this tenant: an admin sets them."""
        ids = {name: wire.number(self.settings.get(key, "")) for name, key in TASK_IDS.items()}
        body = {
            **ids,
            "isClosed": False,
            "name": title,
            "description": f"{note}\n{our_ref}",
            "reportedDate": wire.stamp(clock.now()),
            "priority": self.settings.get("task_priority") or "Normal",
        }
        made = self.http.post(self._tenant.path("taskmanagement", "tasks"), body)
        with documented():
            return str(int(made["id"]))

    def _row(self, own: wire.Own) -> wire.Row:
        row: wire.Row = self._tenant.get("jpm", f"appointments/{own.visit}")
        return row

    def _known(self, appointment_id: str) -> wire.Own:
        own = wire.own(appointment_id)
        return own if own.job else wire.own_of(self._row(own))

    def _reschedule(self, own: wire.Own, slot: Slot) -> wire.Row:
        path = f"{self._visits(own.visit)}/reschedule"
        moved: wire.Row = self.http.patch(path, wire.times(slot))
        return moved

    def _revived(self, own: wire.Own, slot: Slot) -> wire.Row | None:
        """Moved after what was in the way is removed; None where nothing was.

        Where the time is refused it is lost again, as the client left it: nobody drives to the old one.
        """
        row = self._row(own)
        with documented():
            status = row["status"]
        if status not in wire.LOST:
            return None
        own = wire.own_of(row)
        if status == "Canceled":
            self.http.put(self._jobs(own.job, "remove-cancellation"))
        else:
            self.http.delete(f"{self._visits(own.visit)}/hold")
        with after_a_write():
            refusal: Refused | Conflict
            try:
                return self._reschedule(own, slot)
            except (Refused, Conflict) as error:
                refusal = error
            self._lose_again(own, status)
        raise _meaning(refusal) from None

    def _lose_again(self, own: wire.Own, status: str) -> None:
        """For the reason it was cancelled for; of a hold ServiceTitan does not tell which it was."""
        if status == "Canceled":
            why = self._records.cancelled_for(own.job) or self.settings.get("cancel_reason", "")
            path = self._jobs(own.job, "cancel")
        else:
            why = self._records.reason_to_hold()
            path = f"{self._visits(own.visit)}/hold"
        memo = "Rebook: the new time was refused"
        self.http.put(path, {"reasonId": wire.number(why), "memo": memo})

    def _when(self, row: wire.Row) -> Any:
        with documented():
            return instant(row["start"])

    def _visits(self, visit: str = "") -> str:
        return self._tenant.path("jpm", f"appointments/{visit}".rstrip("/"))

    def _jobs(self, job: str, what: str) -> str:
        return self._tenant.path("jpm", f"jobs/{job}/{what}")


def _meaning(refusal: Refused | Conflict) -> Refused | Conflict | SlotTaken:
    """ServiceTitan answers 409 to a time that clashes."""
    return SlotTaken("the time clashes there") if isinstance(refusal, Conflict) else refusal
