"""Google Sheets, as the standard suite tries it."""

import hashlib
import hmac
import time

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """As the script in the sheet does: hex of HMAC-SHA256 over timestamp, a dot, and the raw body."""
    stamp = str(int(time.time()))
    digest = hmac.digest(secret, stamp.encode() + b"." + body, hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "x-rebook-timestamp": stamp,
        "x-rebook-signature": digest.hex(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={
        "client_id": "client-1",
        "client_secret": "secret-1",
        "refresh_token": "refresh-1",
        "access_token": "access-1",
    },
    settings={
        "token_url": "{url}/token",
        "spreadsheet": "sheet1",
        "link_fields": "acuity_id=acuity",
    },
    secret=b"a-secret-of-our-own-making",
    sign=sign,
    body=b'{"source":"rebook-sheet","event":"e-1","change":"EDIT",'
    b'"rows":[{"id":"a-1","status":"cancelled"}]}',
    id="a-1",
    calendar="Mele",
    readings={Capability.BOOK: "book", Capability.MOVE: "move"},
)
