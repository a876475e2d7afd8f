"""What connecting HubSpot takes."""

from connectors.forms import Form, Secret, SignIn
from connectors.hubspot import GRANTS_AT

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
        "app_id",
        "booked_value",
        "booked_values",
        "calendar_map",
        "campaign_property",
        "cancelled_value",
        "cancelled_values",
        "contact_association",
        "days_back",
        "end_property",
        "fulfilled_values",
        "link_fields",
        "meeting_link",
        "minutes",
        "noshow_value",
        "noshow_values",
        "note_property",
        "object",
        "object_type_id",
        "owner",
        "portal_id",
        "ref_property",
        "region",
        "signature_v2",
        "start_property",
        "status_property",
        "task_owner",
        "title_property",
        "token_url",
        "zone",
    ),
    secret=Secret.THEIRS,
    steps=("In the app's settings at HubSpot set the webhook target to {hook}",),
    sign_in=SignIn(
        authorize_url="https://app.hubspot.com/oauth/authorize",
        token_url=GRANTS_AT,
        scopes=("oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"),
        asks={},
    ),
)
