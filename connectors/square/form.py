"""What connecting Square takes."""

from connectors.forms import Form, Secret, SignIn
from connectors.oauth import Sends
from connectors.square.client import HOME

FORM = Form(
    ways=(
        ("access_token",),
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    known=(
        "api_version",
        "calendar_map",
        "days_ahead",
        "days_back",
        "link_fields",
        "locations",
        "minutes",
        "permissions",
        "region",
        "service_map",
        "service_names",
        "zone",
    ),
    secret=Secret.LEARNED,
    sign_in=SignIn(
        authorize_url=lambda base, _settings, _given: (
            f"{(base or HOME).rstrip('/')}/oauth2/authorize"
        ),
        token_url=lambda base, _settings, _given: f"{(base or HOME).rstrip('/')}/oauth2/token",
        scopes=(
            "APPOINTMENTS_READ",
            "APPOINTMENTS_ALL_READ",
            "APPOINTMENTS_WRITE",
            "APPOINTMENTS_ALL_WRITE",
            "CUSTOMERS_READ",
            "MERCHANT_PROFILE_READ",
        ),
        asks={"session": "false"},
        sends=Sends.JSON,
        https_only=True,
    ),
)
