"""Graph's subscriptions: a handshake when they begin, then notes that only say what changed where."""

import json
import secrets
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.outlook.errors import invalid, refusal
from sandbox.wire import Json

LONGEST = timedelta(minutes=10_080)
SHORTEST = timedelta(minutes=45)
NO_ROOTS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Subscription:
    id: str
    body: Json
    expires: datetime

    @property
    def mailbox(self) -> str:
        """`/users/{id or address}/events`."""
        return str(self.body["resource"]).strip("/").split("/")[1].lower()

    def shown(self) -> Json:
        return {
            "id": self.id,
            **self.body,
            "expirationDateTime": _stamp(self.expires),
            "notificationQueryOptions": None,
        }


class Push:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.subscriptions: dict[str, Subscription] = {}

    async def open(self, body: Json) -> Json:
        """Graph wants https; the sandbox also calls plain http. Both addresses must answer."""
        parts = str(body.get("resource") or "").strip("/").split("/")
        if len(parts) != 3 or (parts[0], parts[2]) != ("users", "events"):
            raise invalid("The resource is not supported.")
        if len(str(body.get("clientState") or "")) > 128:
            raise invalid("The clientState is too long.")
        expires = self._expiry(body)
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if body.get(name):
                await _shake_hands(str(body[name]))
        kept = {k: v for k, v in body.items() if not k.startswith("@")}
        made = Subscription(secrets.token_hex(16), kept, expires)
        self.subscriptions[made.id] = made
        return made.shown()

    def renew(self, number: str, body: Json) -> Json:
        found = self.find(number)
        found.expires = self._expiry(body)
        return found.shown()

    def find(self, number: str) -> Subscription:
        self._forget_lapsed()
        if number not in self.subscriptions:
            raise refusal(404, "ResourceNotFound", "The object was not found.")
        return self.subscriptions[number]

    def remove(self, number: str) -> None:
        del self.subscriptions[self.find(number).id]

    def changed(self, mailbox_id: str, address: str, event: Json, change: str) -> None:
        self._forget_lapsed()
        for one in self.subscriptions.values():
            wanted = str(one.body.get("changeType") or "").split(",")
            if one.mailbox in (mailbox_id, address) and change in wanted:
                self._tell(one, mailbox_id, event, change)

    def lifecycle(self, word: str) -> None:
        """`missed`, `subscriptionRemoved` or `reauthorizationRequired`, to all."""
        for one in list(self.subscriptions.values()):
            if word == "subscriptionRemoved":
                del self.subscriptions[one.id]
            url = str(one.body.get("lifecycleNotificationUrl") or "")
            if url:
                self._post(url, word, self._item(one) | {"lifecycleEvent": word})

    def _tell(self, one: Subscription, mailbox_id: str, event: Json, change: str) -> None:
        resource = f"Users/{mailbox_id}/Events/{event['id']}"
        data = {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": resource,
            "@odata.etag": event["@odata.etag"],
            "id": event["id"],
        }
        item = {"changeType": change, "resource": resource, "resourceData": data}
        self._post(str(one.body["notificationUrl"]), change, self._item(one) | item)

    def _item(self, one: Subscription) -> Json:
        return {
            "subscriptionId": one.id,
            "subscriptionExpirationDateTime": _stamp(one.expires),
            "clientState": one.body.get("clientState"),
            "tenantId": self._kit.secrets.make("outlook-tenant"),
        }

    def _post(self, url: str, kind: str, item: Json) -> None:
        body = json.dumps({"value": [item]}).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        self._kit.courier.send(Post("outlook", url, kind, lambda: (headers, body)), after=0.05)

    def _forget_lapsed(self) -> None:
        now = self._kit.clock.now()
        self.subscriptions = {k: v for k, v in self.subscriptions.items() if v.expires > now}

    def _expiry(self, body: Json) -> datetime:
        try:
            wanted = datetime.fromisoformat(str(body.get("expirationDateTime")))
        except ValueError:
            raise invalid("The expirationDateTime cannot be read.") from None
        now = self._kit.clock.now()
        wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
        if wanted > now + LONGEST + timedelta(minutes=5):
            raise invalid("Subscription expiration can only be 10080 minutes in the future.")
        return max(wanted, now + SHORTEST)


async def _shake_hands(url: str) -> None:
    token = (
        f"Validation: Testing client application reachability. Request-Id: {secrets.token_hex(8)}"
    )
    joint = "&" if "?" in url else "?"
    try:
        async with httpx.AsyncClient(trust_env=False, verify=NO_ROOTS, timeout=10) as client:
            answer = await client.post(
                f"{url}{joint}validationToken={quote(token)}",
                headers={"Content-Type": "text/plain"},
            )
    except httpx.HTTPError:
        raise invalid("Subscription validation request failed.") from None
    plain = answer.headers.get("content-type", "").startswith("text/plain")
    if answer.status_code != 200 or answer.text != token or not plain:
        raise invalid("Subscription validation request failed. The token was not echoed.")


def _stamp(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
