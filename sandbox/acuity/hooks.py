"""Acuity's webhooks: a form body signed with the API key, to the static target and dynamic ones."""

import base64
import hashlib
import hmac
import itertools
from urllib.parse import urlencode

from sandbox.acuity.model import EVENTS, Appointment
from sandbox.acuity.wire import refusal
from sandbox.courier import Post
from sandbox.kit import Kit
from sandbox.wire import Json

STATIC = {"scheduled", "rescheduled", "canceled"}
MOST = 25


class Hooks:
    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._ids = itertools.count(401)
        self.dynamic: dict[int, Json] = {}

    def register(self, event: object, target: object) -> Json:
        """Acuity wants port 443 or 80; the sandbox takes any, since gateways here use free ports."""
        if event not in {f"appointment.{name}" for name in EVENTS} | {"order.completed"}:
            raise refusal(400, "The event is not known.", "invalid_event")
        if not str(target).startswith(("http://", "https://")):
            raise refusal(400, "The target is not a URL.", "invalid_target")
        if len(self.dynamic) >= MOST:
            raise refusal(400, "No more than 25 webhooks are allowed.", "webhook_limit")
        number = next(self._ids)
        hook: Json = {"id": number, "event": event, "target": target, "status": "active"}
        self.dynamic[number] = hook
        return hook

    def remove(self, hook_id: int) -> None:
        if self.dynamic.pop(hook_id, None) is None:
            raise refusal(404, "The webhook does not exist.", "not_found")

    def tell(self, action: str, one: Appointment) -> None:
        """`changed` comes with every action. A dynamic hook takes the static one's place at its target."""
        static = self._kit.config.hook("acuity")
        if action in STATIC and static not in {hook["target"] for hook in self.dynamic.values()}:
            self._post(static, action, one)
        for hook in self.dynamic.values():
            if hook["event"] in {f"appointment.{action}", "appointment.changed"}:
                self._post(hook["target"], hook["event"].removeprefix("appointment."), one)

    def _post(self, target: str, action: str, one: Appointment) -> None:
        fields = {
            "action": action,
            "id": one.id,
            "calendarID": one.calendar.id,
            "appointmentTypeID": one.service.id,
        }
        body = urlencode(fields).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "x-acuity-signature": self._signature(body),
        }
        self._kit.courier.send(Post("acuity", target, action, lambda: (headers, body)))

    def _signature(self, body: bytes) -> str:
        key = self._kit.secrets.acuity_key.encode()
        return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
