"""Square's webhook subscription, which the admin made by hand: signed over its address and the body."""

import base64
import hashlib
import hmac
import json
from uuid import uuid4

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.square.wire import not_found, stamp
from sandbox.wire import Json

SUBSCRIPTION = "wbhk_sandbox"


class Hooks:
    """One subscription stands from the beginning; more than switching it on and off is not played."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.key = "sandbox-key-" + kit.secrets.make("square-key", 20)
        self.subscription: Json = {
            "id": SUBSCRIPTION,
            "name": "Rebook",
            "enabled": True,
            "event_types": ["booking.created", "booking.updated"],
            "notification_url": kit.config.hook("square"),
            "api_version": "2026-09-16",
            "created_at": stamp(kit.clock.now()),
            "updated_at": stamp(kit.clock.now()),
        }

    def change(self, number: str, body: Json) -> Json:
        if number != SUBSCRIPTION:
            raise not_found("subscription")
        allowed = {"enabled", "event_types", "name", "notification_url", "api_version"}
        told = body.get("subscription") or {}
        self.subscription |= {name: value for name, value in told.items() if name in allowed}
        return self.subscription

    def tell(self, event: str, booking: Json) -> None:
        if not self.subscription["enabled"] or event not in self.subscription["event_types"]:
            return
        body = {
            "merchant_id": "MSANDBOX",
            "location_id": booking["location_id"],
            "type": event,
            "event_id": str(uuid4()),
            "created_at": stamp(self._kit.clock.now()),
            "data": {
                "type": "booking",
                "id": f"{booking['id']}:{booking['version']}",
                "object": {"booking": booking},
            },
        }
        url, raw = str(self.subscription["notification_url"]), json.dumps(body).encode()
        digest = hmac.digest(self.key.encode(), url.encode() + raw, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "x-square-hmacsha256-signature": base64.b64encode(digest).decode(),
        }
        self._kit.courier.send(Post("square", url, event, lambda: (headers, raw)))
