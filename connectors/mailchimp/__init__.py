"""Mailchimp: the campaign for who lost an appointment. It keeps none itself; a refusal there counts here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from connectors.contract import (
    OF_A_CALENDAR,
    Answer,
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
from connectors.errors import NotFound, Refused
from connectors.http import Http, sending
from connectors.mailchimp import hook, refusals
from connectors.mailchimp.client import Throttle, home
from connectors.mailchimp.member import Member
from connectors.mailchimp.wave import Wave
from connectors.parsing import documented, whole_number
from connectors.tokens import TokenStore
from rebook.domain.appointments import Person

EVENTS = {"unsubscribe": True, "cleaned": True} | dict.fromkeys(
    ("subscribe", "profile", "upemail", "campaign"), False
)
SOURCES = {"user": True, "admin": True, "api": False}


class Mailchimp(Connector):
    """Settings: `list` (audience id), `campaign` (tag, event, journey or wave), `tag`, `stop_tag`,
    `journey` and `step`, `subject`, `from_name`, `reply_to` and `template` (of a wave), `add_as`,
    `days_back` (30).

    A webhook secret written `signing:…` is Mailchimp's own, and then body and time are vouched for;
    another one stands in the address and vouches for the sender alone."""

    slug = "mailchimp"
    name = "Mailchimp"
    docs = "https://mailchimp.com/developer/marketing/api/"
    signature_covers = frozenset({SignatureCovers.NOTHING})
    unsupported: ClassVar[Mapping[Capability, str]] = dict.fromkeys(
        OF_A_CALENDAR, "Mailchimp keeps an audience and no appointments"
    ) | {
        Capability.TASK: "Mailchimp has no to-do list for staff",
        Capability.MESSAGE: "marketing mail goes to groups; one message to one person is another product",
        Capability.UPDATE_MESSAGE: "a mail that was sent cannot be changed",
        Capability.EVIDENCE: "it sends no message of ours, so there is none to look for",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Mailchimp":
        """Credentials: `api_key`, which names the address too. It does not rotate."""
        key = credentials["api_key"]
        http = Http(
            base_url or home(key),
            auth=httpx.BasicAuth("rebook", key),
            transport=Throttle(sending()),
        )
        return cls(http, settings, credentials)

    def check(self) -> str:
        with documented():
            return str(self.http.get(f"lists/{self._list}", fields="name")["name"])

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        signature = request.header("x-mailchimp-signature")
        hook.check(signature, request.url, request.body, secrets)
        return Verified(hook.dedupe_key(request.body))

    def respond(self, request: WebhookRequest) -> Answer | None:
        """Before it saves a webhook, Mailchimp asks by GET whether somebody is there."""
        return Answer(b"ok", store=False) if request.method == "GET" else None

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        return hook.translated(stored.body)

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        days_back = whole_number(self.settings, "days_back", 30)
        yield from refusals.pages(self.http, self._list, cursor, days_back)

    def start_campaign(self, person: Person, *, our_ref: str) -> str:
        """At most once for a reference: it is marked as started before it starts."""
        if not person.email:
            raise Refused("a member is known by the e-mail address", code="no_email")
        kind, start = self._kind()
        member = Member(self.http, self._list, person, self.settings)
        if kind == "wave":
            wave = Wave(self.http, self._list, self.settings)
            member.require_consent()
            return wave.board(member.email)
        member.require_consent()
        if not member.has_started(our_ref):
            if stop := self.settings.get("stop_tag", ""):
                member.tag(stop, "inactive")
            member.mark_started(our_ref, silent=kind != "event")
            start(member)
        return f"{kind}:{our_ref}"

    def stop_campaign(self, person: Person, *, our_ref: str) -> None:
        """By a tag: no call takes a member out of a flow, so the flow itself must mind the tag."""
        if not person.email:
            return
        kind, _start = self._kind()
        if kind == "wave":
            Wave(self.http, self._list, self.settings).leave(person.email)
            return
        with suppress(NotFound):
            Member(self.http, self._list, person, self.settings).tag(*self._end(kind))

    def in_campaign(self, person: Person, *, our_ref: str) -> bool:
        if not person.email:
            return False
        kind, _start = self._kind()
        if kind == "wave":
            return Wave(self.http, self._list, self.settings).has_aboard(person.email)
        member = Member(self.http, self._list, person, self.settings)
        name, status = self._end(kind)
        with suppress(NotFound):
            ended = (name in member.tags()) == (status == "active")
            return not ended and member.has_started(our_ref)
        return False

    def _end(self, kind: str) -> tuple[str, str]:
        """The tag that ends the flow, and whether it is put on or taken off."""
        stop = self.settings.get("stop_tag", "")
        if stop:
            return stop, "active"
        if kind == "tag":
            return self.settings["tag"], "inactive"
        raise Refused("no tag is named that ends the flow", code="no_stop_tag")

    def watch(self, callback_url: str, secret: str, current: Watch | None) -> Watch:
        """One webhook of ours on the audience. What our own calls change is not told."""
        path = f"lists/{self._list}/webhooks"
        address = f"{callback_url}?{hook.KEY}={quote(secret, safe='')}"
        with documented():
            known = [(str(h["id"]), str(h["url"])) for h in self.http.get(path)["webhooks"]]
            kept = next((one for one, url in known if url == address), None)
            if kept is None:
                made = self.http.post(path, {"url": address, "events": EVENTS, "sources": SOURCES})
                kept = str(made["id"])
        old = {one for one, url in known if url.partition("?")[0] == callback_url}
        for one in sorted((old | ({current.id} if current else set())) - {kept}):
            with suppress(NotFound):
                self.http.delete(f"{path}/{quote(one, safe='')}")
        return Watch(kept, callback_url)

    @property
    def _list(self) -> str:
        named = self.settings.get("list", "")
        if not (named.isascii() and named.isalnum()):
            raise Refused("no audience is named in the settings", code="no_list")
        return named

    def _kind(self) -> tuple[str, Any]:
        """How a campaign starts. Settings that name nothing to start are refused before anything is done."""
        kind, tag = self.settings.get("campaign") or "tag", self.settings.get("tag", "")
        journey, step = (self.settings.get(name, "") for name in ("journey", "step"))
        if kind == "tag" and tag:
            return kind, lambda member: member.tag_anew(tag)
        if kind == "journey" and journey.isdigit() and step.isdigit():
            return kind, lambda member: self._enter(member, journey, step)
        if kind in ("event", "wave"):
            return kind, lambda _member: None
        raise Refused("no campaign is named in the settings", code="no_campaign")

    def _enter(self, member: Member, journey: str, step: str) -> None:
        path = f"customer-journeys/journeys/{journey}/steps/{step}/actions/trigger"
        self.http.post(path, {"email_address": member.email})
