"""ActiveCampaign: a deal is an appointment, its stage the status. Its e-mails are built there, not here."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from connectors.activecampaign import campaign, hook, subscription, wire
from connectors.activecampaign.account import Account, error_code, number
from connectors.activecampaign.window import Window
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
from connectors.errors import Conflict, Refused, VendorFault
from connectors.http import Http, sending
from connectors.pace import Paced, pace_for
from connectors.parsing import documented, form_of
from connectors.signatures import check_shared_secret
from connectors.tokens import TokenStore
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status

REQUESTS_A_SECOND = 2


class ActiveCampaign(Connector):
    """Settings: `pipeline` (id), `starts_field` and `ends_field` (ids of deal fields), `date_format`,
    `service_field`, `service_id_field`, `link_fields` (id=connection), `booked_values`,
    `cancelled_values`, `noshow_values`, `fulfilled_values` (titles of stages), `automation`, `list`,
    `owner`, `currency`, `minutes` (60), `zone`, `region` (US), `days_back` (30), `pace` (2)."""

    slug = "activecampaign"
    name = "ActiveCampaign"
    docs = "https://developers.activecampaign.com/reference"
    webhook_kinds: ClassVar[Mapping[str, ChangeKind]] = {
        "deal_add": ChangeKind.BOOKED,
        "deal_update": ChangeKind.NOSHOW,
    }
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = {
        Capability.AVAILABILITY: "deals hold no free times; there is no calendar in the API",
        Capability.BUSY: "deals hold no free times; there is no calendar in the API",
        Capability.TASK: "a task there hangs on a deal or contact, and a to-do of ours names neither",
        Capability.MESSAGE: "no v3 call sends one message to one contact: automations do",
        Capability.UPDATE_MESSAGE: "no v3 call sends one message to one contact",
        Capability.EVIDENCE: "no v3 call sends one message to one contact",
        Capability.SUGGEST: "deals have no calendar to show times in",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "ActiveCampaign":
        """Credentials: `api_token`. The address is the account's own, from Settings > Developer."""
        home = base_url or "https://no-address-configured.invalid"
        http = Http(
            home,
            auth=_ApiToken(credentials["api_token"]),
            transport=Paced(sending(), pace_for(home, settings, REQUESTS_A_SECOND)),
            code_of=error_code,
        )
        return cls(http, settings, credentials)

    @cached_property
    def _account(self) -> Account:
        return Account(self.http)

    def check(self) -> str:
        with documented():
            return str(self.http.get("users/me")["user"]["username"]) or self.name

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        """ActiveCampaign signs nothing: a secret stands in the address it calls."""
        asked = form_of(request.url.partition("?")[2])
        check_shared_secret(asked.get(subscription.KEY, ""), secrets)
        return Verified(hook.dedupe_key(request.body))

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        return hook.translated(stored.body, self.settings)

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        yield from Window(self._account, self.settings, cursor).pages()

    def fetch_appointment(self, appointment_id: str) -> Appointment:
        deal = self._account.deal(appointment_id)
        return wire.appointment(self._account.whole(deal), self.settings)

    def book(self, request: BookingRequest, *, our_ref: str) -> str:
        """A deal of our own, known by a line in its description."""
        if not self.settings.get("pipeline", "").isdigit():
            raise Refused("no pipeline is named in the settings", code="no_pipeline")
        contact = campaign.contact_of(self._account, request.person)
        if found := self._standing(contact, our_ref):
            return found
        stage = self._stage(Status.BOOKED, self.settings["pipeline"])
        deal = wire.new_deal(request, our_ref, contact, stage, self.settings)
        made = self.http.post("deals", {"deal": deal})
        with documented():
            return str(int(made["deal"]["id"]))

    def find_booking(self, request: BookingRequest, *, our_ref: str) -> str | None:
        if not request.person.email:
            return None
        contact = self._account.contact_id(request.person.email)
        return self._standing(contact, our_ref) if contact else None

    def move(self, appointment_id: str, slot: Slot, *, version: str = "") -> str:
        """The outcome: the new time in the deal's fields, and the stage that means booked."""
        times = wire.times(slot, self.settings)
        deal = self._account.deal(appointment_id)
        with documented():
            if version and version != str(deal["mdate"]):
                raise Conflict("the deal changed since it was read")
            stage = self._stage(Status.BOOKED, str(deal["group"]))
        self._change(appointment_id, {"stage": stage, "status": 0, "fields": times})
        return appointment_id

    def cancel(self, appointment_id: str, reason: str) -> None:
        self._put_into(appointment_id, Status.CANCELLED)

    def mark_noshow(self, appointment_id: str) -> None:
        self._put_into(appointment_id, Status.NOSHOW)

    def annotate(self, appointment_id: str, note: str) -> None:
        path = f"deals/{number(appointment_id)}/notes"
        with documented():
            known = [str(row.get("note")) for row in self._account.rows(path, "notes")]
        if note not in known:
            self.http.post(path, {"note": {"note": note}})

    def start_campaign(self, person: Person, *, our_ref: str) -> str:
        automation, list_id = (self.settings.get(name, "") for name in ("automation", "list"))
        return campaign.start(self._account, person, automation, list_id)

    def stop_campaign(self, person: Person, *, our_ref: str) -> None:
        campaign.stop(self._account, person, self.settings.get("automation", ""))

    def in_campaign(self, person: Person, *, our_ref: str) -> bool:
        return bool(campaign.running(self._account, person, self.settings.get("automation", "")))

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        address = f"{callback_url}?{subscription.KEY}={quote(secret, safe='')}"
        return subscription.renewed(self._account, callback_url, address, current)

    def _standing(self, contact: str, our_ref: str) -> str | None:
        """The deal that carries our reference, unless it was lost since."""
        for deal in self._account.rows(f"contacts/{number(contact)}/deals", "deals"):
            if wire.mark_of(deal) == our_ref:
                with documented():
                    title = self._account.stage_title(str(deal["stage"]))
                    lost = wire.status_of(title, self.settings) in wire.KINDS
                    return None if lost else str(deal["id"])
        return None

    def _put_into(self, appointment_id: str, status: Status) -> None:
        """Into the stage that means so, unless it is in one that does."""
        deal = self._account.deal(appointment_id)
        with documented():
            stage, pipeline = str(deal["stage"]), str(deal["group"])
        if wire.status_of(self._account.stage_title(stage), self.settings) is not status:
            self._change(appointment_id, {"stage": self._stage(status, pipeline)})

    def _stage(self, status: Status, pipeline: str) -> str:
        return self._account.stage(wire.stages(self.settings, status), pipeline)

    def _change(self, deal_id: str, changed: dict[str, Any]) -> None:
        answer = self.http.put(f"deals/{number(deal_id)}", {"deal": changed})
        with documented():
            if str(answer["deal"]["stage"]) != changed["stage"]:
                raise VendorFault("the deal is not in the stage it was moved to")


class _ApiToken(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Api-Token"] = self._token
        yield request
