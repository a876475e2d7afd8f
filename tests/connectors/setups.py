"""What each connector needs to be built: invented settings and credentials, and its path at the vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors import connect
from connectors.contract import Connector
from tests.connectors.vendor import Vendor


@dataclass(frozen=True)
class Setup:
    """`{url}` in a setting stands for the vendor's address."""

    path: str
    credentials: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)


SETUPS: dict[str, Setup] = {
    "acuity": Setup(
        path="/api/v1",
        credentials={"user_id": "10101", "api_key": "an-api-key-of-nobody"},
    ),
    "google_calendar": Setup(
        path="/calendar/v3",
        credentials={
            "client_id": "client-1",
            "client_secret": "secret-1",
            "refresh_token": "refresh-1",
            "access_token": "access-1",
        },
        settings={"token_url": "{url}/token", "calendars": "studio@example.com"},
    ),
    "sendgrid": Setup(
        path="",
        credentials={"api_key": "SG.an-api-key-of-nobody"},
        settings={
            "from": "studio@example.com",
            "from_name": "Harbour Studio",
            "inbound_domain": "reply.example.com",
        },
    ),
    "slack": Setup(path="/api", credentials={"bot_token": "xoxb-a-token-of-nobody"}),
    "twilio": Setup(
        path="",
        credentials={
            "account_sid": "AC00000000000000000000000000000001",
            "auth_token": "a-token-of-nobody",
        },
        settings={"from": "+18085550100"},
    ),
}


def build(slug: str, vendor: Vendor, **settings: str) -> Connector:
    """The connector as production builds it, its base URL pointing at `vendor`."""
    setup = SETUPS[slug]
    filled = {name: value.format(url=vendor.url) for name, value in setup.settings.items()}
    return connect(slug, vendor.url + setup.path, {**filled, **settings}, setup.credentials)
