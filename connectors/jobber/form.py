"""What connecting Jobber takes."""

from connectors.forms import Form, Secret, SignIn
from connectors.jobber import HOME

FORM = Form(
    ways=(
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    known=(
        "api_version",
        "days_ahead",
        "days_back",
        "late_minutes",
        "minutes",
        "noshow_values",
        "region",
        "token_url",
        "zone",
    ),
    secret=Secret.CREDENTIAL,
    signs_with="client_secret",
    steps=("In Jobber's Developer Center add the app's webhooks with the address {hook}",),
    sign_in=SignIn(
        authorize_url=f"{HOME}/oauth/authorize",
        token_url=f"{HOME}/oauth/token",
    ),
)
