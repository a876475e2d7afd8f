"""QuickBooks Online, as the standard suite tries it."""

import base64
import hashlib
import hmac

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Base64 of HMAC-SHA256 over the raw body, keyed with the app's verifier token."""
    digest = base64.b64encode(hmac.digest(secret, body, hashlib.sha256)).decode()
    headers = {"content-type": "application/json", "intuit-signature": digest}
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={
        "client_id": "client-1",
        "client_secret": "secret-1",
        "refresh_token": "refresh-1",
        "access_token": "access-1",
    },
    secret=b"a-verifier-token-of-nobody",
    sign=sign,
    settings={
        "realm_id": "9130",
        "token_url": "{url}/token",
        "link_fields": "Acuity id=acuity",
        "minutes": "45",
        "zone": "Pacific/Honolulu",
    },
    body=b'[{"specversion": "1.0", "id": "88cd52aa-33b6-4351-9aa4-47572edbd068", '
    b'"source": "intuit.x", "type": "qbo.invoice.voided.v1", "time": "2030-03-01T19:05:00Z", '
    b'"intuitentityid": "130", "intuitaccountid": "9130", "data": {}}]',
    id="130",
    readings={Capability.MOVE: "move"},
)
