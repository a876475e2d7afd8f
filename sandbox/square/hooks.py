"""Square's webhook subscriptions, each with a key of its own: signed over its address and the body."""

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
    """One subscription stands from the beginning, made by hand; an application may make more."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.key = "sandbox-key-" + kit.secrets.make("square-key", 20)
        self.subscription = self._entry(SUBSCRIPTION, kit.config.hook("square"), self.key)
        self.all: dict[str, Json] = {SUBSCRIPTION: self.subscription}
        self._by_key: dict[str, Json] = {}

    def _entry(self, number: str, url: str, key: str) -> Json:
        return {
            "id": number,
            "name": "Rebook",
            "enabled": True,
            "event_types": ["booking.created", "booking.updated"],
            "notification_url": url,
            "api_version": "2026-09-16",
            "signature_key": key,
            "created_at": stamp(self._kit.clock.now()),
            "updated_at": stamp(self._kit.clock.now()),
        }

    def listed(self, *, disabled: bool) -> list[Json]:
        """The list does not tell the keys."""
        told = [one for one in self.all.values() if one["enabled"] or disabled]
        return [{k: v for k, v in one.items() if k != "signature_key"} for one in told]

    def one(self, number: str) -> Json:
        if number not in self.all:
            raise not_found("subscription")
        return self.all[number]

    def make(self, body: Json) -> Json:
        """The same idempotency key brings the same subscription."""
        told, once = body.get("subscription") or {}, str(body.get("idempotency_key") or "")
        if once in self._by_key:
            return self._by_key[once]
        number = f"wbhk_{len(self.all) + 1}"
        made = self._entry(number, "", self._kit.secrets.make(number, 20))
        self.all[number] = made
        self._by_key |= {once: made} if once else {}
        return self.change(number, {"subscription": told})

    def change(self, number: str, body: Json) -> Json:
        allowed = {"enabled", "event_types", "name", "notification_url", "api_version"}
        told = body.get("subscription") or {}
        found = self.one(number)
        found |= {name: value for name, value in told.items() if name in allowed}
        return found

    def tell(self, event: str, booking: Json) -> None:
        for one in self.all.values():
            if one["enabled"] and event in one["event_types"]:
                self._send(one, event, booking)

    def _send(self, to: Json, event: str, booking: Json) -> None:
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
        url, raw = str(to["notification_url"]), json.dumps(body).encode()
        digest = hmac.digest(str(to["signature_key"]).encode(), url.encode() + raw, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "x-square-hmacsha256-signature": base64.b64encode(digest).decode(),
        }
        self._kit.courier.send(Post("square", url, event, lambda: (headers, raw)))
