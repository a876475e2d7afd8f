"""What connecting Google Sheets takes."""

from connectors.forms import Form, SignIn
from connectors.google_sheets import GRANTS_AT
from connectors.google_sheets.grants import SCOPE

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
    sign_in=SignIn(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url=GRANTS_AT,
        scopes=(SCOPE,),
        asks={"response_type": "code", "access_type": "offline", "prompt": "consent"},
        pkce=True,
    ),
)
