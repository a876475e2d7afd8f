"""SendGrid, as the standard suite tries it."""

import base64
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit

KEY = ec.derive_private_key(20261122, ec.SECP256R1())


def sign(body: bytes, url: str, kind: str, _secret: bytes) -> WebhookRequest:
    """Base64 of an ECDSA P-256 signature over the timestamp followed by the raw body."""
    stamp = str(int(time.time()))
    signature = KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={"api_key": "SG.an-api-key-of-nobody"},
    settings={
        "from": "studio@example.com",
        "from_name": "Harbour Studio",
        "inbound_domain": "reply.example.com",
    },
    secret=base64.b64encode(
        KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
    sign=sign,
    kinds=("events", "inbound"),
    body=b'[{"event": "delivered", "sg_message_id": "m1", "i": "intent-1"}]',
    to="ana@example.com",
    extra={Capability.EVIDENCE: {"activity_api": "true"}},
    deviations={
        "GET /v3/scopes is not documented": "the spec is trimmed (SOURCE.md); "
        "the vendor documents the call under API Key Permissions"
    },
)
