"""ServiceTitan's webhooks: signed with the app's key. Their payload is not documented; this one is ours."""

import hashlib
import hmac
import json

from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.servicetitan.model import Visit


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def tell(self, what: str, visit: Visit) -> None:
        told = {"eventType": what, "data": {"id": visit.id, "jobId": visit.job.id}}
        body = json.dumps(told).encode()
        key = self._kit.secrets.make("servicetitan-hook", 48).encode()
        headers = {
            "Content-Type": "application/json",
            "X-ServiceTitan-Signature": hmac.new(key, body, hashlib.sha256).hexdigest(),
        }
        target = self._kit.config.hook("servicetitan")
        self._kit.courier.send(Post("servicetitan", target, what, lambda: (headers, body)))
