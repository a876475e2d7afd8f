"""What connecting Google Calendar takes."""

from connectors.forms import Form, SignIn
from connectors.google_calendar import GRANTS_AT

FORM = Form(
    ways=(
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    known=(
        "calendar_map",
        "calendars",
        "days_back",
        "link_fields",
        "region",
        "send_updates",
        "token_url",
        "zone",
    ),
    sign_in=SignIn(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url=GRANTS_AT,
        scopes=(
            "https://www.googleapis.com/auth/calendar.events",
            "https://www.googleapis.com/auth/calendar.freebusy",
        ),
        asks={"response_type": "code", "access_type": "offline", "prompt": "consent"},
        pkce=True,
    ),
)
