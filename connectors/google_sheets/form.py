"""What connecting Google Sheets takes."""

from connectors.forms import Form

FORM = Form(
    ways=(
        (
            "client_email",
            "private_key",
        ),
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    needed=("spreadsheet",),
    known=(
        "booked_values",
        "cancelled_values",
        "client_values",
        "columns",
        "date_format",
        "days_back",
        "fulfilled_values",
        "header_row",
        "link_fields",
        "minutes",
        "most_gone",
        "noshow_values",
        "region",
        "sheet",
        "token_url",
        "zone",
    ),
    steps=(
        "Paste the script of the handbook into Apps Script, for {hook}, with the word {secret}",
    ),
)
