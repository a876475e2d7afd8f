"""Calendly, as the standard suite tries it."""

import hashlib
import hmac
import json
import time

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit

API = "https://api.calendly.com"
EVENT, INVITEE = "EV1AAAAAAAAAAAAA", "7c1dbe46-0000-4000-8000-000000000001"
INVITEE_URI = f"{API}/scheduled_events/{EVENT}/invitees/{INVITEE}"
SERVICE = f"{API}/event_types/ET1AAAAAAAAAAAAA"
HOST = f"{API}/users/US1AAAAAAAAAAAAA"


def sign(
    body: bytes, url: str, kind: str, secret: bytes, *, at: float | None = None
) -> WebhookRequest:
    """`t=<unix seconds>,v1=<hex>` over the timestamp, a full stop and the raw body."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.digest(secret, stamp.encode() + b"." + body, hashlib.sha256).hex()
    headers = {
        "content-type": "application/json",
        "calendly-webhook-signature": f"t={stamp},v1={digest}",
    }
    return WebhookRequest("POST", url, headers, body, kind)


BODY = {
    "event": "invitee.canceled",
    "created_at": "2030-03-01T10:00:00.000000Z",
    "payload": {"uri": INVITEE_URI, "status": "canceled", "rescheduled": False},
}

KIT = Kit(
    path="",
    credentials={"token": "a-personal-access-token-of-nobody"},
    settings={"service_map": f"9101={SERVICE}"},
    secret=b"a-signing-key-of-our-own-making",
    sign=sign,
    body=json.dumps(BODY).encode(),
    id=f"{EVENT}/{INVITEE}",
    calendar=HOST,
    readings={Capability.MOVE: "move"},
    naive=(r"(T[\d:]+)\.\d+Z", r"\1"),
)
