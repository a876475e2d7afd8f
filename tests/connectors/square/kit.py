"""Square, as the standard suite tries it."""

import base64
import hashlib
import hmac
import json

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit

BOOKING = "zkras0xv0xwswx"
LOCATION = "LSHORE0000001"
STAFF, OTHER = "TMMELE000001", "TMKAI0000001"
SERVICE = "SVHAIRCUT0001"


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Base64 of HMAC-SHA256 over the notification URL and the raw body, nothing in between."""
    digest = hmac.digest(secret, url.encode() + body, hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "x-square-hmacsha256-signature": base64.b64encode(digest).decode(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


BODY = {
    "merchant_id": "M1",
    "type": "booking.updated",
    "event_id": "d954ea4e-0000-4000-8000-000000000001",
    "created_at": "2030-03-01T10:00:00Z",
    "data": {"type": "booking", "id": f"{BOOKING}:2"},
}

KIT = Kit(
    path="",
    credentials={"access_token": "an-access-token-of-nobody"},
    settings={
        "locations": LOCATION,
        "service_map": f"9101={SERVICE}",
        "service_names": f"{SERVICE}=Haircut",
    },
    secret=b"a-signature-key-of-nobody",
    sign=sign,
    body=json.dumps(BODY).encode(),
    id=BOOKING,
    calendar=STAFF,
    readings={Capability.BOOK: "book", Capability.MOVE: "move"},
)
