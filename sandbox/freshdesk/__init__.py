"""Freshdesk, emulated: https://developers.freshdesk.com/api"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.freshdesk.desk import Desk
from sandbox.freshdesk.routes import api_key, router
from sandbox.freshdesk.wire import coded
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal


class Freshdesk:
    slug = "freshdesk"
    # The Growth plan; its twenty lists a minute are counted where lists are answered.
    limits: ClassVar[list[Limit]] = [Limit("freshdesk", "/api/v2/", 200, 60.0)]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.desk = Desk(kit)

    def router(self) -> APIRouter:
        return router(self.desk)

    def controls(self) -> APIRouter:
        """Staff choose another reason on the ticket."""
        routes = APIRouter(prefix="/_control/freshdesk")

        @routes.post("/{number}/cancel")
        async def cancel(number: int) -> Json:
            self.desk.update(number, {"custom_fields": {"cf_reason": "canceled appointment"}})
            return {"cancelled": number}

        @routes.post("/{number}/missed")
        async def missed(number: int) -> Json:
            self.desk.update(number, {"custom_fields": {"cf_reason": "missed appointment"}})
            return {"missed": number}

        return routes

    def fault(self, status: int, wait: int) -> Refusal:
        if status == 404:
            return Refusal(404, "")
        answer = coded(status, "invalid_credentials" if status == 401 else "access_denied")
        if status == 429:
            answer.headers["Retry-After"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "tickets": [
                {**ticket, "conversations": self.desk.conversations[number]}
                for number, ticket in self.desk.tickets.items()
            ],
            "mailed": self.desk.mailed,
        }

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": self.slug,
            "base_url": f"{base}/freshdesk/api/v2",
            "credentials": {"api_key": api_key(self.kit)},
            "webhook_secrets": [self.desk.token],
            "settings": {
                "service_field": "cf_service",
                "link_fields": "cf_acuity_id=acuity",
                "zone": self.kit.zone_name,
                "staff_email": "studio@sandbox.example.com",
            },
        }
