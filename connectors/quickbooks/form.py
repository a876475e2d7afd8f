"""What connecting QuickBooks takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    needed=("realm_id",),
    known=(
        "booked_values",
        "cancelled_items",
        "cancelled_values",
        "day_starts",
        "days_back",
        "fulfilled_values",
        "link_fields",
        "minutes",
        "noshow_items",
        "noshow_values",
        "region",
        "status_field",
        "time_field",
        "token_url",
        "voided",
        "write_fields",
        "zone",
    ),
    secret=Secret.THEIRS,
    steps=("In Intuit's developer portal, under Webhooks, set the endpoint to {hook}",),
)
