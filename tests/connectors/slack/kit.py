"""Slack, as the standard suite tries it."""

import hashlib
import hmac
import time

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(
    body: bytes, url: str, kind: str, secret: bytes, *, at: float | None = None
) -> WebhookRequest:
    """`v0=` and the hex of HMAC-SHA256 over version, timestamp and raw body, joined by colons."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.digest(secret, f"v0:{stamp}:".encode() + body, hashlib.sha256)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest.hex()}",
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="/api",
    credentials={"bot_token": "xoxb-a-token-of-nobody"},
    secret=b"8f0c-slack-signing-secret-of-our-own",
    sign=sign,
    kinds=("interactivity",),
    body=b"payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%5D%7D",
    to="C0STAFF1",
    deviations={
        f"POST /api/{method} is not documented": "the SDK calls every method by POST: "
        "'slack_sdk source is the better judge' (SOURCE.md)"
        for method in ("auth.test", "conversations.history", "conversations.replies")
    },
)
