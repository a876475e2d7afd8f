"""What connecting Square takes."""

from connectors.forms import Form, Secret

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
)
