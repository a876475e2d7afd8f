"""HubSpot's webhooks of the app: a list with one event, signed with version 3 at each attempt anew."""

import base64
import hashlib
import hmac
import itertools
import json

from sandbox.courier import Post
from sandbox.hubspot.wire import Record
from sandbox.kit import Kit
from sandbox.wire import Json

MEETING = "0-47"
PORTAL = 247_279_312
SUBSCRIBED = {"hs_meeting_outcome", "hs_meeting_start_time", ""}


def secret_of(kit: Kit) -> str:
    return kit.secrets.make("hubspot-app-secret", 36)


class Hooks:
    def __init__(self, kit: Kit, app: int) -> None:
        self._kit = kit
        self._app = app
        self._ids = itertools.count(1_765_889_350)

    def tell(self, one: Record, what: str, name: str = "", *, by_app: bool = True) -> None:
        """The app is subscribed to meetings: their making and archiving, and two properties."""
        if one.kind != "meetings" or name not in SUBSCRIBED:
            return
        event: Json = {
            "eventId": next(self._ids),
            "subscriptionId": 7_662_269,
            "portalId": PORTAL,
            "appId": self._app,
            "occurredAt": int(self._kit.clock.timestamp() * 1000),
            "subscriptionType": what,
            "attemptNumber": 0,
            "objectId": int(one.id),
            "objectTypeId": MEETING,
            "changeSource": "INTEGRATION" if by_app else "CRM_UI",
            "sourceId": str(self._app) if by_app else "userId:98499705",
        }
        if name:
            event |= {"propertyName": name, "propertyValue": one.properties[name]}
            event["isSensitive"] = False
        self._post(what, json.dumps([event]).encode())

    def _post(self, what: str, body: bytes) -> None:
        url = self._kit.config.hook("hubspot")

        def build() -> tuple[dict[str, str], bytes]:
            stamp = str(int(self._kit.clock.timestamp() * 1000))
            base = b"POST" + url.encode() + body + stamp.encode()
            digest = hmac.new(secret_of(self._kit).encode(), base, hashlib.sha256).digest()
            headers = {
                "Content-Type": "application/json",
                "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
                "X-HubSpot-Request-Timestamp": stamp,
            }
            return headers, body

        self._kit.courier.send(Post("hubspot", url, what, build, timeout=5.0))
