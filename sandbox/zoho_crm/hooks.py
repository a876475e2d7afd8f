"""Zoho's channels, which last a week at the most and sign nothing; and the function its admin pasted."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.channels: dict[str, Json] = {}

    @property
    def secret(self) -> str:
        return "sandbox-" + self._kit.secrets.make("zoho-function", 24)

    def open(self, given: Json) -> Json:
        """An expiry that is missing or too late becomes an hour, without a word."""
        now = self._kit.clock.now()
        wanted = given.get("channel_expiry")
        expiry = datetime.fromisoformat(str(wanted)) if wanted else now + 2 * WEEK
        if not now < expiry <= now + WEEK:
            expiry = now + HOUR
        channel = str(given["channel_id"])
        self.channels[channel] = {**given, "channel_id": channel, "expires": expiry}
        return {
            "channel_expiry": expiry.astimezone(self._kit.zone).isoformat(timespec="seconds"),
            "resource_uri": "https://www.zohoapis.com/crm/v8/Appointments__s",
            "resource_id": "554023000000000131",
            "resource_name": "Appointments__s",
            "channel_id": channel,
        }

    def tell(self, operation: str, row: Json) -> None:
        now = self._kit.clock.now()
        for channel in list(self.channels.values()):
            if channel["expires"] > now:
                self._notify(channel, operation, row)
        if operation == "update" and row["Status"] in ("Cancelled", "Overdue"):
            self._call_function(row)

    def _notify(self, channel: Json, operation: str, row: Json) -> None:
        told = {
            "server_time": int(self._kit.clock.timestamp() * 1000),
            "query_params": {},
            "module": "Appointments__s",
            "resource_uri": "https://www.zohoapis.com/crm/v8/Appointments__s",
            "ids": [row["id"]],
            "affected_fields": [],
            "operation": operation,
            "channel_id": channel["channel_id"],
            "token": channel.get("token"),
        }
        body = json.dumps(told).encode()
        headers = {"Content-Type": "application/json"}
        url = str(channel["notify_url"])
        self._kit.courier.send(
            Post("zoho_crm", url, f"{operation}.appointment", lambda: (headers, body))
        )

    def _call_function(self, row: Json) -> None:
        """A workflow rule on the status runs the function; nothing repeats it."""
        told = {"module": "Appointments__s", "id": row["id"], "status": row["Status"]}
        body = json.dumps(told, separators=(",", ":")).encode()

        def build() -> tuple[dict[str, str], bytes]:
            stamp = str(int(self._kit.clock.timestamp()))
            signed = f"{stamp}.".encode() + body
            digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
            signature = {"X-Rebook-Timestamp": stamp, "X-Rebook-Signature": digest}
            return {"Content-Type": "application/json", **signature}, body

        url = self._kit.config.hook("zoho-crm/function")
        self._kit.courier.send(Post("zoho_crm", url, "function", build, attempts=1))
