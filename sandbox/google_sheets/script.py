"""The script that an admin pasted into the sheet: it tells of edits by hand, never of the API's.

Triggers are not run by API requests: https://developers.google.com/apps-script/guides/triggers/installable
"""

import hashlib
import hmac
import json
from uuid import uuid4

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json


class Script:
    """A refused or lost post is told again by the script's own timer; here the courier tries again."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.secret = "sandbox-sheet-" + kit.secrets.make("google-sheets-hook", 24)

    def tell(self, change: str, rows: list[tuple[str, str]]) -> None:
        event = str(uuid4())
        listed = [{"id": one, "status": status} for one, status in rows]
        told: Json = {"source": "rebook-sheet", "event": event, "rows": listed, "change": change}
        body = json.dumps(told, separators=(",", ":")).encode()
        url = self._kit.config.hook("google-sheets")
        self._kit.courier.send(Post("google_sheets", url, change, lambda: self._signed(body)))

    def _signed(self, body: bytes) -> tuple[dict[str, str], bytes]:
        stamp = str(int(self._kit.clock.timestamp()))
        signed = hmac.new(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-Rebook-Timestamp": stamp,
            "X-Rebook-Signature": signed.hexdigest(),
        }
        return headers, body
