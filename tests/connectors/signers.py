"""Webhooks as each vendor would sign them, written from the vendors' documents and not from our code."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.contract import WebhookRequest

Signer = Callable[[bytes, str, str], WebhookRequest]

SENDGRID_KEY = ec.derive_private_key(20261122, ec.SECP256R1())

SECRETS: dict[str, bytes] = {
    "acuity": b"0123456789abcdef0123456789abcdef",
    "google_calendar": b"a-channel-token-of-our-own-making",
    "sendgrid": base64.b64encode(
        SENDGRID_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
    "slack": b"8f0c-slack-signing-secret-of-our-own",
    "twilio": b"twilio-auth-token-of-our-own-making",
}


def sign_acuity(body: bytes, url: str, kind: str) -> WebhookRequest:
    """Base64 of HMAC-SHA256 over the raw body, keyed with the API key."""
    digest = hmac.digest(SECRETS["acuity"], body, hashlib.sha256)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-acuity-signature": base64.b64encode(digest).decode(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


def sign_google_calendar(body: bytes, url: str, kind: str) -> WebhookRequest:
    """Google signs nothing: it repeats the token that the channel was opened with."""
    headers = {
        "x-goog-channel-id": "3f0c7a52-0000-4000-8000-000000000001",
        "x-goog-channel-token": SECRETS["google_calendar"].decode(),
        "x-goog-message-number": "10",
        "x-goog-resource-id": "resource-1",
        "x-goog-resource-state": "exists",
    }
    return WebhookRequest("POST", url, headers, body, kind)


def sign_twilio(body: bytes, url: str, kind: str) -> WebhookRequest:
    """Base64 of HMAC-SHA1 over the URL followed by every field, name and value, sorted by name."""
    fields = sorted(set(parse_qsl(body.decode(), keep_blank_values=True)))
    text = url + "".join(name + value for name, value in fields)
    digest = hmac.digest(SECRETS["twilio"], text.encode(), hashlib.sha1)
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": base64.b64encode(digest).decode(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


def sign_sendgrid(body: bytes, url: str, kind: str) -> WebhookRequest:
    """Base64 of an ECDSA P-256 signature over the timestamp followed by the raw body."""
    stamp = str(int(time.time()))
    signature = SENDGRID_KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return WebhookRequest("POST", url, headers, body, kind)


def sign_slack(body: bytes, url: str, kind: str, *, at: float | None = None) -> WebhookRequest:
    """`v0=` and the hex of HMAC-SHA256 over version, timestamp and raw body, joined by colons."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.digest(SECRETS["slack"], f"v0:{stamp}:".encode() + body, hashlib.sha256)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest.hex()}",
    }
    return WebhookRequest("POST", url, headers, body, kind)


SIGNERS: dict[str, Signer] = {
    "acuity": sign_acuity,
    "google_calendar": sign_google_calendar,
    "sendgrid": sign_sendgrid,
    "slack": sign_slack,
    "twilio": sign_twilio,
}
