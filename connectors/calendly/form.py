"""What connecting Calendly takes."""

from connectors.calendly.client import GRANTS_AT
from connectors.forms import Form, SignIn

FORM = Form(
    ways=(
        ("token",),
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    known=(
        "days_ahead",
        "days_back",
        "link_fields",
        "location",
        "location_kind",
        "region",
        "scope",
        "service_map",
        "text_reminders",
        "token_url",
        "zone",
    ),
    signs_for_apps=True,
    sign_in=SignIn(
        authorize_url="https://auth.calendly.com/oauth/authorize",
        token_url=GRANTS_AT,
        pkce=True,
        https_only=True,
    ),
)
