"""Zendesk Support, emulated: https://developer.zendesk.com/api-reference/ticketing"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal
from sandbox.zendesk.desk import LINK, OPTIONS, SERVICE, STATUS, TIME, Desk
from sandbox.zendesk.routes import EMAIL, router, token
from sandbox.zendesk.triggers import Triggers
from sandbox.zendesk.wire import refusal


class Zendesk:
    slug = "zendesk"
    # A Growth or Professional plan, and the export's own rate.
    limits: ClassVar[list[Limit]] = [
        Limit("zendesk", "/api/v2/", 400, 60.0),
        Limit("zendesk", "/incremental/", 10, 60.0),
    ]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.triggers = Triggers(kit)
        self.desk = Desk(kit, self.triggers.told)

    def router(self) -> APIRouter:
        return router(self.desk, self.triggers)

    def controls(self) -> APIRouter:
        """Staff set the ticket's appointment status, or close the ticket."""
        routes = APIRouter(prefix="/_control/zendesk")

        @routes.post("/{number}/cancel")
        async def cancel(number: int) -> Json:
            self._set(number, OPTIONS["Canceled"])
            return {"cancelled": number}

        @routes.post("/{number}/missed")
        async def missed(number: int) -> Json:
            self._set(number, OPTIONS["Missed"])
            return {"missed": number}

        @routes.post("/{number}/close")
        async def close(number: int) -> Json:
            self.desk.update(number, {"status": "closed"})
            return {"closed": number}

        return routes

    def _set(self, number: int, value: str) -> None:
        self.desk.update(number, {"custom_fields": [{"id": STATUS, "value": value}]})

    def fault(self, status: int, wait: int) -> Refusal:
        answer = refusal(status, "TooManyRequests" if status == 429 else "InternalError", "")
        if status in (429, 503):
            answer.headers["Retry-After"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "tickets": [
                {**ticket, "comments": self.desk.comments[number]}
                for number, ticket in self.desk.tickets.items()
            ],
            "webhooks": list(self.triggers.webhooks.values()),
            "triggers": list(self.triggers.rules.values()),
        }

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": self.slug,
            "base_url": f"{base}/zendesk/api/v2",
            "credentials": {"email": EMAIL, "api_token": token(self.kit)},
            "webhook_secrets": [self.triggers.secret(f"01SANDBOX{1:017d}")],
            "settings": {
                "status_field": str(STATUS),
                "time_field": str(TIME),
                "service_field": str(SERVICE),
                "link_fields": f"{LINK}=acuity",
                "zone": self.kit.zone_name,
            },
        }
