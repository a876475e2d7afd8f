"""Zoho CRM, as the standard suite tries it."""

import hashlib
import hmac
import json

from connectors.contract import Capability, WebhookRequest
from rebook.domain import clock
from tests.connectors.kits import Kit

ID = "5545974000002254155"


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Our function signs time and body; Zoho itself signs nothing and repeats the channel's token."""
    headers = {"content-type": "application/json"}
    if kind == "function":
        stamp = str(int(clock.now().timestamp()))
        digest = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers |= {"x-rebook-timestamp": stamp, "x-rebook-signature": digest}
    return WebhookRequest("POST", url, headers, body, kind)


def notification(token: str) -> bytes:
    told = {"module": "Appointments__s", "operation": "update", "ids": [ID], "token": token}
    return json.dumps({**told, "server_time": 1898539200000, "channel_id": "1"}).encode()


KIT = Kit(
    path="",
    credentials={
        "client_id": "client-1",
        "client_secret": "secret-1",
        "refresh_token": "refresh-1",
        "access_token": "access-1",
    },
    settings={"token_url": "{url}/oauth/v2/token", "zone": "Pacific/Honolulu"},
    secret=b"a-word-for-the-function-and-the-channel",
    sign=sign,
    kinds=("function", ""),
    body=b'{"module":"Appointments__s","id":"5545974000002254155","status":"Cancelled"}',
    id=ID,
    calendar="5545974000000393001",
    readings={
        Capability.BOOK: "book",
        Capability.MOVE: "move",
        Capability.TASK: "task",
    },
    succeeds={(Capability.CANCEL, 404): "what is not there is cancelled"},
)
