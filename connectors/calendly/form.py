"""What connecting Calendly takes."""

from connectors.forms import Form

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
)
