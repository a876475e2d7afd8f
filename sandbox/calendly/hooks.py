"""Calendly's webhook subscriptions, signed with the key each was made with."""

import hashlib
import hmac
import json
import secrets

from sandbox.calendly.wire import invalid, not_found, refusal, stamp, uri
from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json

KINDS = {
    "invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted",
    "routing_form_submission.created",
}  # fmt: skip


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.kept: dict[str, Json] = {}
        self._keys: dict[str, str] = {}

    def make(self, body: Json) -> Json:
        """Calendly wants https; the sandbox also calls plain http."""
        events, url = body.get("events") or [], str(body.get("url") or "")
        if not events or not set(events) <= KINDS:
            raise invalid("events", "holds one that is not known")
        if not url.startswith(("http://", "https://")):
            raise invalid("url", "is not a URL")
        if body.get("scope") not in ("organization", "user") or not body.get("organization"):
            raise invalid("scope", "needs an organization")
        if any(hook["callback_url"] == url for hook in self.kept.values()):
            raise refusal(409, "Already Exists", "Hook with this url already exists")
        number, now = secrets.token_hex(8), stamp(self._kit.clock.now())
        self._keys[number] = str(body.get("signing_key") or "")
        self.kept[number] = {
            "uri": uri("webhook_subscriptions", number),
            "callback_url": url,
            "created_at": now,
            "updated_at": now,
            "retry_started_at": None,
            "state": "active",
            "events": list(events),
            "scope": body["scope"],
            "organization": body["organization"],
            "user": body.get("user"),
            "creator": uri("users", "US000"),
        }
        return self.kept[number]

    def remove(self, number: str) -> None:
        if self.kept.pop(number, None) is None:
            raise not_found()

    def disable_all(self) -> None:
        """What Calendly does after a day of failures."""
        for hook in self.kept.values():
            hook["state"] = "disabled"

    def tell(self, event: str, invitee: Json, scheduled: Json) -> None:
        body = {
            "event": event,
            "created_at": stamp(self._kit.clock.now()),
            "created_by": uri("users", "US000"),
            "payload": {**invitee, "scheduled_event": scheduled},
        }
        raw = json.dumps(body).encode()
        for number, hook in self.kept.items():
            if hook["state"] == "active" and event in hook["events"]:
                self._post(number, hook["callback_url"], event, raw)

    def _post(self, number: str, url: str, event: str, raw: bytes) -> None:
        key = self._keys[number].encode()

        def build() -> tuple[dict[str, str], bytes]:
            headers = {"Content-Type": "application/json"}
            if key:
                stamp = str(int(self._kit.clock.timestamp()))
                digest = hmac.new(key, f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
                headers["Calendly-Webhook-Signature"] = f"t={stamp},v1={digest}"
            return headers, raw

        self._kit.courier.send(Post("calendly", url, event, build))
