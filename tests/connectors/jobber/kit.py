"""Jobber, as the standard suite tries it."""

import base64
import hashlib
import hmac

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """FACTS: base64(HMAC-SHA256(client secret, raw body)); no time is signed."""
    signature = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    headers = {"content-type": "application/json", "x-jobber-hmac-sha256": signature}
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="/api",
    credentials={
        "client_id": "client-1",
        "client_secret": "secret-1",
        "refresh_token": "refresh-1",
        "access_token": "access-1",
    },
    settings={"token_url": "{url}/api/oauth/token", "zone": "Pacific/Honolulu"},
    secret=b"an-apps-client-secret",
    sign=sign,
    body=(
        b'{"data":{"webHookEvent":{"topic":"VISIT_UPDATE","appId":"app-1","accountId":"QTE=",'
        b'"itemId":"VmlzaXQvMQ==","occuredAt":"2030-03-01T10:00:00-10:00"}}}'
    ),
    id="VmlzaXQvMQ==",
    calendar="VXNlci8x",
    vouching=("x-jobber-hmac-sha256",),
)
