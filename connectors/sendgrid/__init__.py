"""SendGrid: e-mail through the official SDK. Every mail carries our intent id, which each event repeats."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit

from connectors.contract import (
    OF_A_CALENDAR,
    Attachment,
    Capability,
    Connector,
    OutgoingMessage,
    SignatureCovers,
    StoredWebhook,
    Translated,
    Verified,
    WebhookRequest,
)
from connectors.errors import NotAllowed, Refused, VendorFault
from connectors.http import Http
from connectors.parsing import documented, form_of, json_of
from connectors.sendgrid import events, inbound
from connectors.sendgrid.client import Account
from connectors.signatures import check_sendgrid, check_shared_secret
from connectors.tokens import TokenStore

HOST = "https://api.sendgrid.com"
INBOUND_KEY = b"key:"


class SendGrid(Connector):
    """Settings: `from`, `from_name`, `activity_api` (`true` where it is paid for). Credentials: `api_key`.

    Secrets: the event webhook's public key, and `key:` followed by a word of ours. The event webhook
    is signed over its time and body. Inbound Parse is not signed at all: its address carries that
    word as `?key=…`, which vouches for the sender alone.
    """

    slug = "sendgrid"
    name = "SendGrid"
    docs = "https://www.twilio.com/docs/sendgrid/api-reference"
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.TIME})
    mails = frozenset({"inbound"})
    bought: ClassVar[Mapping[Capability, str]] = {Capability.EVIDENCE: "activity_api"}
    unsupported = dict.fromkeys(OF_A_CALENDAR, "SendGrid carries e-mail and keeps no calendar") | {
        Capability.POLL: "answers arrive by Inbound Parse alone; the API lists no received mail",
        Capability.TASK: "the API has no to-do list for staff",
        Capability.UPDATE_MESSAGE: "a mail that was sent cannot be changed",
        Capability.CAMPAIGN: "Automations have no public API; Single Sends are not for one person",
        Capability.WATCH: "the event webhook's signing key is made and copied once, by a person",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "SendGrid":
        return cls(Http(base_url or HOST), settings, credentials)

    @cached_property
    def _account(self) -> Account:
        return Account(self.http, self.credentials["api_key"])

    def check(self) -> str:
        """What the API key may do: any key may ask, and ours must be able to send."""
        answer = _dict(self._account.get("scopes"))
        with documented():
            may_send = "mail.send" in answer["scopes"]
        if not may_send:
            raise NotAllowed("the API key may not send mail: it lacks the scope mail.send")
        return self.settings.get("from", self.name)

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        if request.kind == "inbound":
            return _verify_inbound(request, secrets)
        check_sendgrid(
            request.header("x-twilio-email-event-webhook-signature"),
            request.header("x-twilio-email-event-webhook-timestamp"),
            request.body,
            [key for key in secrets if not key.startswith(INBOUND_KEY)],
        )
        return Verified()

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        match stored.kind:
            case "events":
                return events.translate(stored.body)
            case "inbound":
                return inbound.translate(stored)
        return []

    def send_message(self, message: OutgoingMessage) -> str:
        answer = self._account.post("mail", "send", body=self._mail(message))
        given = answer.headers.get("X-Message-Id")
        if not given:
            raise VendorFault("the mail was taken without an id")
        return str(given)

    def find_message(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """By the Activity API, a paid addition (setting `activity_api` = `true`).

        Without it only the event webhook, which repeats our intent id, tells what became of a mail.
        """
        if self.settings.get("activity_api") != "true":
            return []
        query = f'unique_args["i"]="{message.our_ref}"'
        answer = _dict(self._account.get("messages", query=query, limit="10"))
        with documented():
            return [events.message_id(found["msg_id"]) for found in answer["messages"]]

    def _mail(self, message: OutgoingMessage) -> dict[str, Any]:
        if not self.settings.get("from"):
            raise Refused("the connection names no address to send from")
        mail: dict[str, Any] = {
            "personalizations": [
                {"to": [{"email": message.to}], "custom_args": {"i": message.our_ref}}
            ],
            "from": _address(self.settings["from"], self.settings.get("from_name", "")),
            "subject": message.subject,
            "content": _content(message),
            "tracking_settings": {"click_tracking": {"enable": False, "enable_text": False}},
        }
        if message.reply_token and self.settings.get("inbound_domain"):
            answer_to = f"r+{message.reply_token}@{self.settings['inbound_domain']}"
            mail["reply_to"] = _address(answer_to)
        if message.headers:
            mail["headers"] = dict(message.headers)
        if message.files:
            mail["attachments"] = [_attached(file) for file in message.files]
        return mail


def _verify_inbound(request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
    keys = [key.removeprefix(INBOUND_KEY) for key in secrets if key.startswith(INBOUND_KEY)]
    check_shared_secret(form_of(urlsplit(request.url).query).get("key", ""), keys)
    return Verified(inbound.read(request.body, request.header("content-type")).key)


def _content(message: OutgoingMessage) -> list[dict[str, str]]:
    """Plain text stands first; SendGrid refuses the other order."""
    parts = [{"type": "text/plain", "value": message.text}]
    return parts + ([{"type": "text/html", "value": message.html}] if message.html else [])


def _attached(file: Attachment) -> dict[str, str]:
    return {
        "content": base64.b64encode(file.body.encode()).decode(),
        "type": f"text/calendar; charset=utf-8; method={file.method}",
        "filename": file.name,
        "disposition": "attachment",
    }


def _address(email: str, name: str = "") -> dict[str, str]:
    return {"email": email, "name": name} if name else {"email": email}


def _dict(answer: Any) -> dict[str, Any]:
    body = json_of(answer.body)
    if not isinstance(body, dict):
        raise VendorFault("the platform's answer is not what it documents")
    return body
