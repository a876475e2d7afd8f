"""Slack: one message a case to staff, changed in place, with buttons. Its id is "channel:ts"."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from slack_sdk import WebClient

from connectors.contract import (
    OF_A_CALENDAR,
    Answer,
    Capability,
    Connector,
    OutgoingMessage,
    SignatureCovers,
    StoredWebhook,
    Translated,
    Verified,
    WebhookRequest,
)
from connectors.errors import Refused
from connectors.http import Http
from connectors.parsing import documented
from connectors.signatures import check_slack
from connectors.slack import wire
from connectors.slack.client import OnOurHttp, our_errors
from connectors.tokens import TokenStore

HOST = "https://slack.com/api"
SKEW = timedelta(seconds=60)


class Slack(Connector):
    """Credentials: `bot_token` (chat:write; channels:history to find a message again).

    `OutgoingMessage.to` is a channel's id, not its name. The secret of its webhooks is the app's
    signing secret.
    """

    slug = "slack"
    name = "Slack"
    docs = "https://docs.slack.dev/reference/methods"
    signature_covers = frozenset({SignatureCovers.BODY, SignatureCovers.TIME})
    unsupported = dict.fromkeys(OF_A_CALENDAR, "Slack talks to staff and keeps no calendar") | {
        Capability.POLL: "a press that was lost is repeated by the person; Slack keeps no list",
        Capability.TASK: "the message with its buttons is the to-do; list items need a paid plan",
        Capability.CAMPAIGN: "staff are told; clients are not written to on Slack",
        Capability.WATCH: "the interactivity address is set once in the app's configuration",
    }

    @classmethod
    def connect(
        cls,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        *,
        tokens: TokenStore | None = None,
    ) -> "Slack":
        return cls(Http(base_url or HOST), settings, credentials)

    @cached_property
    def _client(self) -> WebClient:
        return OnOurHttp(self.http, self.credentials["bot_token"])

    def check(self) -> str:
        client = self._client
        with documented(), our_errors():
            return _text(client.auth_test()["team"])

    def verify(self, request: WebhookRequest, secrets: Sequence[bytes]) -> Verified:
        signature = request.header("x-slack-signature")
        check_slack(signature, request.header("x-slack-request-timestamp"), request.body, secrets)
        pressed = wire.actions(request.body)
        return Verified(pressed[0].vendor_id if pressed else None)

    def respond(self, request: WebhookRequest) -> Answer | None:
        return wire.challenge(request.body)

    def translate(self, stored: StoredWebhook) -> list[Translated]:
        return [*wire.actions(stored.body)]

    def send_message(self, message: OutgoingMessage) -> str:
        client = self._client
        with documented(), our_errors():
            posted = client.chat_postMessage(
                channel=message.to,
                thread_ts=message.thread or None,
                unfurl_links=False,
                **wire.content(message),
            )
            return f"{_text(posted['channel'])}:{_text(posted['ts'])}"

    def update_message(self, message_id: str, message: OutgoingMessage) -> None:
        channel, _, stamp = message_id.partition(":")
        if not stamp:
            raise Refused("a message id is a channel and a timestamp")
        client = self._client
        with documented(), our_errors():
            client.chat_update(channel=channel, ts=stamp, **wire.content(message))

    def find_message(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """By our reference in the metadata, which Slack shows to the app that wrote it."""
        with documented(), our_errors():
            return [
                f"{message.to}:{_text(found['ts'])}"
                for found in self._history(message, since - SKEW)
                if wire.carries(found, message.our_ref)
            ]

    def _history(self, message: OutgoingMessage, since: datetime) -> Iterator[dict[str, Any]]:
        where: dict[str, Any] = {
            "channel": message.to,
            "oldest": f"{since.timestamp():.6f}",
            "limit": 200,
            "include_all_metadata": True,
        }
        if message.thread:
            where["ts"] = message.thread
        ask = (
            self._client.conversations_replies
            if message.thread
            else self._client.conversations_history
        )
        more = True
        while more:
            page = ask(**where)
            yield from page["messages"]
            where["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            more = bool(where["cursor"])


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a word is missing")
    return value
