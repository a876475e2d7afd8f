"""Twilio, as the standard suite tries it."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Base64 of HMAC-SHA1 over the URL followed by every field, name and value, sorted by name."""
    fields = sorted(set(parse_qsl(body.decode(), keep_blank_values=True)))
    text = url + "".join(name + value for name, value in fields)
    digest = hmac.digest(secret, text.encode(), hashlib.sha1)
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": base64.b64encode(digest).decode(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={
        "account_sid": "AC00000000000000000000000000000001",
        "auth_token": "a-token-of-nobody",
    },
    settings={"from": "+18085550100"},
    secret=b"twilio-auth-token-of-our-own-making",
    sign=sign,
    kinds=("sms", "status"),
    body=b"MessageSid=SM1&From=%2B18085550123&To=%2B18085550100&Body=2",
    to="+18085550123",
)
