"""Twilio: SMS and calls through the official SDK. A text goes out once; doubts are looked up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from connectors.contract import (
    OF_A_CALENDAR,
    Answer,
    Capability,
    Connector,
    OutgoingMessage,
    Page,
    SignatureCovers,
    StoredWebhook,
    Translated,
    Verified,
    WebhookRequest,
)
from connectors.errors import CursorExpired, Refused, VendorFault
from connectors.http import Http
from connectors.parsing import documented
from connectors.signatures import check_twilio
from connectors.tokens import TokenStore
from connectors.twilio import voice, wire
from connectors.twilio.client import CONCURRENCY_LIMIT, code_of, sdk
from rebook.domain import clock
from rebook.domain.calls import Heard, Spoken, Unanswered
from rebook.domain.messages import Channel, InboundMessage

HOST = "https://api.twilio.com"
EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
FIRST_LOOK = timedelta(days=1)
OVERLAP = timedelta(minutes=10)
SKEW = timedelta(seconds=60)


class Twilio(Connector):
    """Settings: `from` (our number, short code or name) or `messaging_service` (MG…); `office`, who is rung.

    Credentials: `account_sid` and `auth_token`; `api_key` and `api_secret` to call with those
    instead. The secret of its webhooks is always the primary auth token.
    """

    slug = "twilio"
    name = "Twilio"
    docs = "https://www.twilio.com/docs/messaging/api"
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.URL})
    unsupported = dict.fromkeys(OF_A_CALENDAR, "Twilio carries messages and keeps no calendar") | {
        Capability.TASK: "the API has no to-do list for staff",
        Capability.UPDATE_MESSAGE: "a text that was sent cannot be changed",
        Capability.CAMPAIGN: "the Messages API has no sequences",
        Capability.WATCH: "the inbound address is set once on the number or Messaging Service; "
        "status callbacks travel with each text",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Twilio":
        return cls(account_http(base_url or HOST), settings, credentials)

    @cached_property
    def _client(self) -> Client:
        return sdk(self.http, self.credentials)

    def check(self) -> str:
        account = self._client.api.accounts(self.credentials["account_sid"])
        with documented():
            return str(account.fetch().friendly_name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        given = request.header("x-twilio-signature")
        check_twilio(given, request.url, request.body, secrets)
        return Verified(wire.dedupe_key(request.kind, request.body))

    def respond(self, request: WebhookRequest) -> Answer | None:
        """Empty TwiML: anything else would be texted to the client as a reply. A call is answered."""
        match request.kind:
            case "sms":
                return Answer(EMPTY_TWIML, "text/xml")
            case "voice":
                return Answer(voice.sorry(), "text/xml", ask=True)
        return None

    def converse(self, stored: StoredWebhook, talk: Callable[[Heard], Spoken]) -> Answer:
        heard = voice.heard(stored)
        spoken = voice.twiml(talk(heard), stored.url) if heard else EMPTY_TWIML
        return Answer(spoken, "text/xml")

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        match stored.kind:
            case "sms":
                return wire.inbound(stored)
            case "status":
                return wire.status(stored)
            case "voice":
                heard = voice.heard(stored)
                return [Unanswered(heard)] if heard else []
        return []

    def send_message(self, message: OutgoingMessage) -> str:
        parts: dict[str, Any] = {"to": message.to, "body": message.text, **self._sender()}
        if message.callback_url:
            parts["status_callback"] = message.callback_url
        texts = self._client.messages
        with documented():
            sid = texts.create(**parts).sid
        if not sid:
            raise VendorFault("the text was taken without an id")
        return str(sid)

    def find_message(self, message: OutgoingMessage, since: datetime) -> list[str]:
        return [
            str(sent.sid)
            for sent in self._messages(since - SKEW, to=message.to)
            if message.text in (sent.body or "")
        ]

    def poll_changes(self, cursor: str | None) -> Iterator[Page]:
        """Texts sent to us since the cursor, so that a lost webhook loses no reply."""
        since = _read(cursor) if cursor else clock.now() - FIRST_LOOK
        if self._by_name:
            yield Page([], since.isoformat(), last=True)
            return
        ours = {"to": self.settings["from"]} if self.settings.get("from") else {}
        seen = sorted(self._messages(since - OVERLAP, **ours), key=_made)
        newest = max([since, *map(_made, seen)])
        texts = [_message(text) for text in seen if str(text.direction) == "inbound"]
        yield Page([], newest.isoformat(), messages=texts, last=True)

    @property
    def _by_name(self) -> bool:
        """A name in the place of a number cannot be answered: nothing comes back to it."""
        number = self.settings.get("from", "").removeprefix("+")
        service = self.settings.get("messaging_service")
        return bool(number) and not service and not number.isdecimal()

    def _sender(self) -> dict[str, str]:
        if self.settings.get("messaging_service"):
            return {"messaging_service_sid": self.settings["messaging_service"]}
        if self.settings.get("from"):
            return {"from_": self.settings["from"]}
        raise Refused("the connection names no number and no Messaging Service to send from")

    def _messages(self, since: datetime, **query: str) -> list[Any]:
        """Newest first; a page that is wholly older than `since` ends the search.

        Not by DateSent, which is empty for texts not yet sent.
        """
        found: list[Any] = []
        client = self._client
        try:
            with documented():
                page: Any = client.messages.page(page_size=100, **query)
                while page is not None:
                    texts = list(page)
                    found += (fresh := [text for text in texts if _made(text) >= since])
                    page = page.next_page() if fresh or not texts else None
        except TwilioException:
            raise VendorFault("the list of texts is not what Twilio documents") from None
        return found


def account_http(base_url: str, **parts: Any) -> Http:
    """The HTTP client of an account; the SDK adds the credentials."""
    return Http(base_url, code_of=code_of, too_many={CONCURRENCY_LIMIT}, **parts)


def _made(text: Any) -> datetime:
    made = text.date_created
    if not isinstance(made, datetime):
        raise ValueError("a text without a date")
    return made


def _message(text: Any) -> InboundMessage:
    return InboundMessage(
        channel=Channel.SMS,
        sender=str(text.from_),
        recipient=str(text.to),
        text=str(text.body or ""),
        vendor_id=str(text.sid),
        received_at=text.date_created,
    )


def _read(cursor: str) -> datetime:
    try:
        read = datetime.fromisoformat(cursor)
    except ValueError:
        raise CursorExpired("the cursor is not one of ours") from None
    if read.tzinfo is None:
        raise CursorExpired("the cursor is not one of ours")
    return read
