"""Freshdesk, as the standard suite tries it."""

from connectors.contract import WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Freshdesk signs nothing: its rule sends along a header that the admin typed in."""
    headers = {"content-type": "application/json", "x-rebook-token": secret.decode()}
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="/api/v2",
    credentials={"api_key": "a-key-of-nobody-at-all"},
    secret=b"a-long-random-word-of-our-own",
    sign=sign,
    settings={
        "service_field": "cf_service",
        "link_fields": "cf_acuity_id=acuity",
        "minutes": "45",
        "zone": "Pacific/Honolulu",
        "staff_email": "studio@example.com",
    },
    body=b'{"ticket_id": "11", "reason": "canceled appointment"}',
    id="11",
    vouching=("x-rebook-token",),
)
