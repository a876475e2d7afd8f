"""What connecting Zoho CRM takes."""

from collections.abc import Mapping

from connectors.forms import Form, Learned, SignIn
from connectors.oauth import Sends
from connectors.zoho_crm import accounts_at

CENTRES = {
    "us": "com",
    "eu": "eu",
    "in": "in",
    "au": "com.au",
    "jp": "jp",
    "cn": "com.cn",
    "ca": "ca",
    "sa": "sa",
}
"""Zoho's word for where an account lives, in the address it sends people back to."""


def _accounts(settings: Mapping[str, str]) -> str:
    return accounts_at(settings.get("data_centre") or "com")


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
    sign_in=SignIn(
        authorize_url=lambda _base, settings, _given: f"{_accounts(settings)}/oauth/v2/auth",
        token_url=lambda _base, settings, _given: f"{_accounts(settings)}/oauth/v2/token",
        scopes=(
            "ZohoCRM.modules.appointments.ALL",
            "ZohoCRM.modules.contacts.READ",
            "ZohoCRM.modules.leads.READ",
            "ZohoCRM.modules.tasks.ALL",
            "ZohoCRM.notifications.ALL",
            "ZohoSearch.securesearch.READ",
        ),
        separator=",",
        asks={"response_type": "code", "access_type": "offline", "prompt": "consent"},
        sends=Sends.QUERY,
        learns=(Learned("location", "data_centre", CENTRES),),
    ),
)
