"""Mailchimp, as the standard suite tries it."""

import hashlib
import hmac
import time

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """`t=<seconds>,v1=<hex>` over the seconds, a dot and the raw body."""
    stamp = str(int(time.time()))
    key = secret.removeprefix(b"signing:")
    digest = hmac.digest(key, stamp.encode() + b"." + body, hashlib.sha256)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-mailchimp-signature": f"t={stamp},v1={digest.hex()}",
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="/3.0",
    credentials={"api_key": "0123456789abcdef0123456789abcdef-us19"},
    settings={"list": "a6b5da1054", "tag": "lost-appointment"},
    secret=b"signing:a-signing-secret-of-nobody",
    sign=sign,
    body=b"type=unsubscribe&fired_at=2030-03-01+19%3A00%3A00&data%5Bid%5D=8a25ff1d98"
    b"&data%5Bemail%5D=ana%40example.com",
)
