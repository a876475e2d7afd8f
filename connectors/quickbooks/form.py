"""What connecting QuickBooks takes."""

from connectors.forms import Form, Learned, Secret, SignIn
from connectors.oauth import Sends
from connectors.quickbooks import GRANTS_AT

FORM = Form(
    ways=(
        (
            "client_id",
            "client_secret",
            "refresh_token",
        ),
    ),
    needed=("realm_id",),
    known=(
        "booked_values",
        "cancelled_items",
        "cancelled_values",
        "day_starts",
        "days_back",
        "fulfilled_values",
        "link_fields",
        "minutes",
        "noshow_items",
        "noshow_values",
        "region",
        "status_field",
        "time_field",
        "token_url",
        "voided",
        "write_fields",
        "zone",
    ),
    secret=Secret.THEIRS,
    steps=("In Intuit's developer portal, under Webhooks, set the endpoint to {hook}",),
    sign_in=SignIn(
        authorize_url="https://appcenter.intuit.com/connect/oauth2",
        token_url=GRANTS_AT,
        scopes=("com.intuit.quickbooks.accounting",),
        sends=Sends.BASIC,
        https_only=True,
        learns=(Learned("realmId", "realm_id"),),
    ),
)
