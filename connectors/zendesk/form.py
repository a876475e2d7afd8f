"""What connecting Zendesk takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(
        (
            "email",
            "api_token",
        ),
        ("access_token",),
    ),
    needed=(
        "subdomain",
        "status_field",
        "time_field",
    ),
    known=(
        "booked_values",
        "cancelled_values",
        "days_back",
        "fulfilled_values",
        "link_fields",
        "minutes",
        "noshow_values",
        "public_notes",
        "region",
        "service_field",
        "trigger_category",
        "zone",
    ),
    secret=Secret.LEARNED,
)
