"""What connecting Zoho CRM takes."""

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
        "booked_values",
        "cancelled_values",
        "data_centre",
        "fulfilled_values",
        "late_minutes",
        "link_fields",
        "minutes",
        "module",
        "noshow_values",
        "ref_field",
        "region",
        "status_field",
        "token_url",
        "zone",
    ),
    steps=("Paste the function of the handbook, for {hook}/function, with the word {secret}",),
)
