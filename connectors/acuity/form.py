"""What connecting Acuity takes."""

from connectors.forms import Form, Secret

FORM = Form(
    ways=(
        (
            "user_id",
            "api_key",
        ),
    ),
    known=(
        "days_ahead",
        "days_back",
        "ref_field",
        "region",
    ),
    secret=Secret.CREDENTIAL,
    signs_with="api_key",
)
