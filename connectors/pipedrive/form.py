"""What connecting Pipedrive takes."""

from connectors.forms import Form

FORM = Form(
    ways=(
        ("api_token",),
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    known=(
        "cancelled_values",
        "late_minutes",
        "link_fields",
        "minutes",
        "noshow_values",
        "overdue_is_missed",
        "region",
        "status_field",
        "task_type",
        "token_url",
        "types",
        "zone",
    ),
)
