"""The audience's webhooks: forms, signed with a secret that is told once, when the webhook is made."""

import hashlib
import hmac
from urllib.parse import urlencode

import httpx

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.mailchimp.audience import LIST
from sandbox.mailchimp.errors import invalid, not_found
from sandbox.wire import Json

KINDS = ("subscribe", "unsubscribe", "profile", "cleaned", "upemail", "campaign")
SOURCES = ("user", "admin", "api")


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._secrets: dict[str, str] = {}
        self.registered: dict[str, Json] = {}

    async def register(self, told: Json) -> Json:
        """Mailchimp asks the address by GET first; one webhook an address."""
        url = str(told.get("url") or "")
        if any(one["url"] == url for one in self.registered.values()):
            raise invalid("Sorry, you can't set up multiple WebHooks for one URL.")
        if not await _answers(url):
            raise invalid("We couldn't reach the URL.")
        number = self._kit.secrets.make(f"mailchimp-hook-{len(self._secrets)}", 10)
        events = {kind: bool((told.get("events") or {}).get(kind)) for kind in KINDS}
        sources = {one: bool((told.get("sources") or {}).get(one)) for one in SOURCES}
        made = {"id": number, "url": url, "events": events, "sources": sources, "list_id": LIST}
        self.registered[number] = made
        self._secrets[number] = "sandbox-" + self._kit.secrets.make(f"signing-{number}", 24)
        return {**made, "signing_enabled": True, "signing_secret": self._secrets[number]}

    def remove(self, number: str) -> None:
        if self.registered.pop(number, None) is None:
            raise not_found()

    def tell(self, kind: str, member: Json, source: str, more: dict[str, str]) -> None:
        fired = self._kit.clock.now().strftime("%Y-%m-%d %H:%M:%S")
        merged = {f"data[merges][{tag}]": value for tag, value in member["merge_fields"].items()}
        form = {
            "type": kind,
            "fired_at": fired,
            **{f"data[{name}]": value for name, value in more.items()},
            "data[id]": member["unique_email_id"],
            "data[list_id]": LIST,
            "data[email]": member["email_address"],
            "data[email_type]": "html",
            **merged,
        }
        body = urlencode(form).encode()
        for hook in self.registered.values():
            if hook["events"][kind] and hook["sources"][source]:
                self._send(hook, kind, body)

    def _send(self, hook: Json, kind: str, body: bytes) -> None:
        secret = self._secrets[hook["id"]].encode()

        def signed() -> tuple[dict[str, str], bytes]:
            stamp = str(int(self._kit.clock.timestamp()))
            digest = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            return {**form, "X-Mailchimp-Signature": f"t={stamp},v1={digest}"}, body

        self._kit.courier.send(Post("mailchimp", str(hook["url"]), kind, signed))


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            return (await client.get(url)).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
