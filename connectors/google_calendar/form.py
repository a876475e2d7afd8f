"""What connecting Google Calendar takes."""

from connectors.forms import Form

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
)
