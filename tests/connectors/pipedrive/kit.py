"""Pipedrive, as the standard suite tries it."""

import base64

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """FACTS: no signature; HTTP Basic with the user and password that the hook was made with."""
    credentials = base64.b64encode(b"rebook:" + secret).decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {credentials}"}
    return WebhookRequest("POST", url, headers, body, kind)


KIT = Kit(
    path="",
    credentials={"api_token": "token-1"},
    settings={"zone": "Pacific/Honolulu", "noshow_values": "12"},
    secret=b"a-password-of-our-own-making",
    sign=sign,
    body=(
        b'{"meta":{"action":"change","entity":"activity","entity_id":"901","id":"event-1",'
        b'"timestamp":"2030-03-01T20:00:00.375Z"},"data":{"type":"meeting"},"previous":{}}'
    ),
    id="901",
    calendar="31",
    readings={Capability.MOVE: "move", Capability.TASK: "task"},
    succeeds={(Capability.CANCEL, 404): "what is not there is cancelled"},
    vouching=("authorization",),
)
