"""What connecting Salesforce takes."""

from connectors.forms import Form

FORM = Form(
    ways=(
        (
            "client_id",
            "client_secret",
        ),
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    known=(
        "booked_value",
        "booked_values",
        "calendar_map",
        "campaign",
        "cancelled_value",
        "cancelled_values",
        "days_back",
        "fulfilled_values",
        "link_fields",
        "noshow_value",
        "noshow_values",
        "organization",
        "owner",
        "ref_field",
        "region",
        "status_field",
        "task_owner",
        "token_url",
        "version",
        "zone",
    ),
    base_url="https://<yours>.my.salesforce.com",
    steps=("In Salesforce make the outbound message of the handbook, to {hook}?key={secret}",),
)
