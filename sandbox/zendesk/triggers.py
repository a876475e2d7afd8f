"""Zendesk's business rules: triggers on a ticket's change that send their own body by a webhook."""

import base64
import hashlib
import hmac
import itertools
import re

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json
from sandbox.zendesk.wire import invalid, not_found, refusal, stamp

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_.0-9]+)\s*\}\}")


class Triggers:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._numbers = itertools.count(360001)
        self._letters = itertools.count(1)
        self.webhooks: dict[str, Json] = {}
        self.rules: dict[int, Json] = {}

    def secret(self, webhook: str) -> str:
        """The first webhook's secret is the same for the same seed, so that it can be configured."""
        return base64.b64encode(self._kit.secrets.make(webhook).encode()).decode()

    def add_webhook(self, given: Json) -> Json:
        endpoint = str(given.get("endpoint") or "")
        if not endpoint.startswith(("http://", "https://")):
            raise refusal(400, "InvalidWebhook", "endpoint is not a URL")
        if given.get("subscriptions") != ["conditional_ticket_events"]:
            raise refusal(400, "InvalidWebhook", "only trigger webhooks are emulated")
        now = stamp(self._kit.clock.now())
        number = f"01SANDBOX{next(self._letters):017d}"
        self.webhooks[number] = {**given, "id": number, "created_at": now, "updated_at": now}
        return self.webhooks[number]

    def webhook(self, number: str) -> Json:
        found = self.webhooks.get(number)
        if found is None:
            raise not_found()
        return found

    def remove_webhook(self, number: str) -> None:
        self.webhook(number)
        if any(number in targets(rule) for rule in self.rules.values()):
            raise refusal(400, "WebhookInUse", "A trigger uses this webhook")
        del self.webhooks[number]

    def add(self, given: Json) -> Json:
        return self._keep(next(self._numbers), given)

    def change(self, number: int, given: Json) -> Json:
        if number not in self.rules:
            raise not_found()
        return self._keep(number, {**self.rules[number], **given})

    def _keep(self, number: int, given: Json) -> Json:
        if not given.get("title") or not given.get("actions") or not given.get("conditions"):
            raise invalid("base", "title, conditions and actions are needed")
        for target in targets(given):
            self.webhook(target)
        self.rules[number] = {"active": True, **given, "id": number}
        return self.rules[number]

    def told(self, before: Json, ticket: Json) -> None:
        for rule in self.rules.values():
            if _holds(rule["conditions"], before, ticket):
                for action in rule["actions"]:
                    self._act(action, ticket)

    def _act(self, action: Json, ticket: Json) -> None:
        if action["field"] != "notification_webhook":
            return
        number, template = action["value"]
        body = PLACEHOLDER.sub(lambda m: _placeholder(m[1], ticket), template).encode()
        url = self.webhooks[number]["endpoint"]
        build = lambda: (self._headers(number, body), body)  # noqa: E731 - the courier's builder
        self._kit.courier.send(Post("zendesk", url, "trigger", build))

    def _headers(self, webhook: str, body: bytes) -> dict[str, str]:
        timestamp = stamp(self._kit.clock.now())
        key = self.secret(webhook).encode()
        digest = hmac.new(key, timestamp.encode() + body, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "X-Zendesk-Webhook-Id": webhook,
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        }


def targets(rule: Json) -> list[str]:
    actions = rule.get("actions") or []
    return [str(a["value"][0]) for a in actions if a.get("field") == "notification_webhook"]


def _holds(conditions: Json, before: Json, ticket: Json) -> bool:
    every = [_one(c, before, ticket) for c in conditions.get("all") or []]
    some = [_one(c, before, ticket) for c in conditions.get("any") or []]
    return all(every) and (any(some) or not some)


def _one(condition: Json, before: Json, ticket: Json) -> bool:
    name = str(condition["field"]).removeprefix("custom_fields_")
    now = {str(field["id"]): field["value"] for field in ticket["custom_fields"]}
    match condition["operator"]:
        case "changed":
            return bool(before.get(name) != now.get(name))
        case "value" | "is":
            return bool(now.get(name) == condition["value"])
        case "value_previous":
            return bool(before.get(name) == condition["value"])
    return False


def _placeholder(name: str, ticket: Json) -> str:
    """What is not known is empty, as at Zendesk. Values are not escaped."""
    values = {f"ticket.ticket_field_{f['id']}": f["value"] for f in ticket["custom_fields"]}
    values |= {f"ticket.{plain}": ticket.get(plain) for plain in ("id", "status", "title")}
    values["ticket.updated_at_with_timestamp"] = ticket["updated_at"]
    return str(values.get(name) or "")
