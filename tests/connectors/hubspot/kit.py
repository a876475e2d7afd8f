"""HubSpot, as the standard suite tries it."""

import base64
import hashlib
import hmac
import time

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """v3: base64 of HMAC-SHA256 over method, URL, body and the milliseconds of now."""
    stamp = str(int(time.time() * 1000))
    digest = hmac.digest(secret, b"POST" + url.encode() + body + stamp.encode(), hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
        "x-hubspot-request-timestamp": stamp,
    }
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={"access_token": "pat-of-nobody"},
    settings={"zone": "Pacific/Honolulu"},
    secret=b"a-client-secret-of-nobody",
    sign=sign,
    body=(
        b'[{"eventId":1,"subscriptionId":7,"portalId":4,"appId":9,"occurredAt":1899000000000,'
        b'"subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":5001,'
        b'"objectTypeId":"0-47","propertyName":"hs_meeting_outcome","propertyValue":"NO_SHOW",'
        b'"changeSource":"CRM_UI","sourceId":"userId:1"}]'
    ),
    id="5001",
    calendar="81",
    extra={
        Capability.AVAILABILITY: {"meeting_link": "studio/haircut"},
        Capability.CAMPAIGN: {"campaign_property": "rebook_case"},
    },
    succeeds={(Capability.CANCEL, 404): "what was archived is cancelled"},
    deviations={
        "POST /crm/v4/associations/meetings/contacts/batch/read is not documented": (
            "SOURCE.md: the spec is part of the official client's. hubspot-api-client 12.0.0 has the call"
            " as crm.associations.v4.batch_api.get_page; `make peers` makes it at the sandbox"
        ),
        "the body at $.sorts[0]: type 'string'": (
            "SOURCE.md, known looseness: the documents send objects, the generated model says texts"
        ),
    },
    readings={Capability.BOOK: "book"},
)
