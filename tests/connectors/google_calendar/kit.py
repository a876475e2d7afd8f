"""Google Calendar, as the standard suite tries it."""

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Google signs nothing: it repeats the token that the channel was opened with."""
    headers = {
        "x-goog-channel-id": "3f0c7a52-0000-4000-8000-000000000001",
        "x-goog-channel-token": secret.decode(),
        "x-goog-message-number": "10",
        "x-goog-resource-id": "resource-1",
        "x-goog-resource-state": "exists",
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="/calendar/v3",
    credentials={
        "client_id": "client-1",
        "client_secret": "secret-1",
        "refresh_token": "refresh-1",
        "access_token": "access-1",
    },
    settings={"token_url": "{url}/token", "calendars": "studio@example.com"},
    secret=b"a-channel-token-of-our-own-making",
    sign=sign,
    id="studio@example.com/ev1",
    succeeds={(Capability.CANCEL, 404): "what is not there is cancelled"},
    vouching=("x-goog-channel-token",),
)
