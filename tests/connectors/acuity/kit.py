"""Acuity, as the standard suite tries it."""

import base64
import hashlib
import hmac

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Base64 of HMAC-SHA256 over the raw body, keyed with the API key."""
    digest = hmac.digest(secret, body, hashlib.sha256)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-acuity-signature": base64.b64encode(digest).decode(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="/api/v1",
    credentials={"user_id": "10101", "api_key": "an-api-key-of-nobody"},
    secret=b"0123456789abcdef0123456789abcdef",
    sign=sign,
    body=b"action=canceled&id=170001&calendarID=8101&appointmentTypeID=9101",
    id="170001",
    calendar="8101",
)
