"""What connecting Outlook takes."""

from collections.abc import Mapping
from urllib.parse import quote

from connectors.forms import Form, SignIn
from connectors.outlook.client import GRANTS_AT

AUTHORIZE_AT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"


def _of_tenant(address: str, credentials: Mapping[str, str]) -> str:
    return address.format(tenant=quote(credentials.get("tenant_id") or "common", safe=""))


FORM = Form(
    ways=(
        (
            "tenant_id",
            "client_id",
            "client_secret",
        ),
        (
            "tenant_id",
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    needed=("mailboxes",),
    known=(
        "calendar_map",
        "cancelled_values",
        "days_ahead",
        "days_back",
        "link_fields",
        "noshow_values",
        "region",
        "token_url",
        "zone",
    ),
    sign_in=SignIn(
        authorize_url=lambda _base, _settings, given: _of_tenant(AUTHORIZE_AT, given),
        token_url=lambda _base, _settings, given: _of_tenant(GRANTS_AT, given),
        scopes=("https://graph.microsoft.com/Calendars.ReadWrite", "offline_access"),
        asks={"response_type": "code", "response_mode": "query"},
        pkce=True,
    ),
)
