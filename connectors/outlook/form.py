"""What connecting Outlook takes."""

from connectors.forms import Form

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
)
