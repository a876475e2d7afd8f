"""ActiveCampaign, as the standard suite tries it."""

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """ActiveCampaign signs nothing: the address it was given carries a secret of ours."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return WebhookRequest("POST", f"{url}?key={secret.decode()}", headers, body, kind)


KIT = Kit(
    path="/api/3",
    credentials={"api_token": "an-api-token-of-nobody"},
    settings={
        "pipeline": "4",
        "starts_field": "7",
        "ends_field": "8",
        "link_fields": "9=acuity",
        "automation": "42",
        "zone": "Pacific/Honolulu",
    },
    secret=b"a-secret-of-our-own-making",
    sign=sign,
    body=b"type=deal_update&date_time=2030-03-01T09%3A00%3A00-10%3A00&deal%5Bid%5D=46"
    b"&deal%5Bstageid%5D=16&deal%5Bstage_title%5D=Missed&updated_fields%5B0%5D=stage",
    id="46",
    calendar="1",
    readings={Capability.BOOK: "book", Capability.MOVE: "move"},
    vouching=("?key",),
    deviations={
        "the parameter limit is not documented": "FACTS: Pagination: limit (max 100) + offset",
        "the parameter offset is not documented": "FACTS: Pagination: limit (max 100) + offset",
        "GET /api/3/deals/46/notes is not documented": "the answer of GET /deals/{id} links to it; "
        "FACTS names the POST alone",
        "the body at $.deal: required ['title', 'account', 'contact', 'value', 'currency', 'group', "
        "'stage', 'owner']": "FACTS: schemas are inferred; account is required without a contact, and owner "
        "where the pipeline assigns nobody (their own descriptions)",
    },
)
