"""ServiceTitan, as the standard suite tries it."""

import hashlib
import hmac

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Hex of HMAC-SHA256 over the raw body: FACTS.md, not confirmed by the vendor's own text."""
    headers = {
        "content-type": "application/json",
        "x-servicetitan-signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={
        "app_key": "app-key-of-nobody",
        "client_id": "client-of-nobody",
        "client_secret": "client-secret-of-nobody",
        "access_token": "access-token-of-nobody",
    },
    settings={
        "tenant": "404",
        "zone": "Pacific/Honolulu",
        "token_url": "{url}/connect/token",
        "cancel_reason": "31",
        "task_reported_by": "71",
        "task_assigned_to": "72",
        "task_business_unit": "8101",
        "task_type": "73",
        "task_source": "74",
    },
    secret=b"0123456789abcdef0123456789abcdef",
    sign=sign,
    body=b'{"eventType": "of a kind that is not documented", "data": {"id": 7001}}',
    id="5001/7001",
    calendar="8101",
    was="5001/7001",
)
