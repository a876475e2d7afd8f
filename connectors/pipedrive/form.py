"""What connecting Pipedrive takes."""

from connectors.forms import Form, SignIn
from connectors.oauth import Sends
from connectors.pipedrive import GRANTS_AT

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
    sign_in=SignIn(
        authorize_url="https://oauth.pipedrive.com/oauth/authorize",
        token_url=GRANTS_AT,
        asks={},
        sends=Sends.BASIC,
        own_address=("api_domain", "pipedrive.com"),
    ),
)
