"""Jobber's webhooks: set up once for the app, signed with its client secret, answered within a second."""

import base64
import hashlib
import hmac
import json

from sandbox.courier import Post
from sandbox.kit import Kit


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    @property
    def secret(self) -> str:
        return "sandbox-" + self._kit.secrets.make("jobber-client-secret")

    def tell(self, topic: str, item: str) -> None:
        event = {
            "topic": topic,
            "appId": "00000000-0000-4000-8000-000000000001",
            "accountId": base64.b64encode(b"gid://Jobber/Account/1").decode(),
            "itemId": item,
            "occuredAt": self._kit.clock.now().isoformat(timespec="seconds"),
        }
        body = json.dumps({"data": {"webHookEvent": event}}, separators=(",", ":")).encode()
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Jobber-Hmac-SHA256": base64.b64encode(digest).decode(),
        }
        url = self._kit.config.hook("jobber")
        self._kit.courier.send(Post("jobber", url, topic, lambda: (headers, body), timeout=1.0))
