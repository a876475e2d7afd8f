"""What connecting Salesforce takes."""

from connectors.forms import Form, SignIn
from connectors.salesforce import HOME

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
    sign_in=SignIn(
        authorize_url=lambda base, _settings, _given: (
            f"{(base or HOME).rstrip('/')}/services/oauth2/authorize"
        ),
        token_url=lambda base, _settings, _given: (
            f"{(base or HOME).rstrip('/')}/services/oauth2/token"
        ),
        scopes=("api", "refresh_token"),
        pkce=True,
        own_address=("instance_url", "salesforce.com"),
    ),
)
