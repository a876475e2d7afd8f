"""Outlook, as the standard suite tries it."""

import json

from connectors.contract import Capability, WebhookRequest
from tests.connectors.kits import Kit

MAILBOX = "studio@example.com"
EVENT = "AAkALgAAAev1="


def sign(body: bytes, url: str, kind: str, secret: bytes) -> WebhookRequest:
    """Graph signs nothing: each item of a batch repeats the `clientState` of its subscription."""
    told = json.loads(body)
    for item in told["value"]:
        item["clientState"] = secret.decode()
    headers = {"content-type": "application/json; charset=utf-8"}
    return WebhookRequest("POST", url, headers, json.dumps(told).encode(), kind)


BODY = {
    "value": [
        {
            "subscriptionId": "7f105c7d-0000-4000-8000-000000000001",
            "subscriptionExpirationDateTime": "2030-03-04T11:00:00.0000000Z",
            "changeType": "updated",
            "resource": f"Users/1b2c/Events/{EVENT}",
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.Event",
                "@odata.id": f"Users/1b2c/Events/{EVENT}",
                "@odata.etag": 'W/"etag-2"',
                "id": EVENT,
            },
            "tenantId": "tenant-1",
        }
    ]
}

KIT = Kit(
    path="/v1.0",
    credentials={
        "tenant_id": "tenant-1",
        "client_id": "client-1",
        "client_secret": "secret-1",
        "access_token": "access-1",
    },
    settings={"token_url": "{url}/token", "mailboxes": MAILBOX},
    secret=b"a-client-state-of-our-own-making",
    sign=sign,
    kinds=("", "lifecycle"),
    body=json.dumps(BODY).encode(),
    id=f"{MAILBOX}/{EVENT}",
    succeeds={(Capability.CANCEL, 404): "what is not there is cancelled"},
    naive=(r'"timeZone": "UTC"', '"timeZone": null'),
)
