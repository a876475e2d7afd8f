"""HubSpot, emulated: https://developers.hubspot.com"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.hubspot.controls import controls
from sandbox.hubspot.hooks import PORTAL, secret_of
from sandbox.hubspot.portal import APP, Portal, token_of
from sandbox.hubspot.routes import router
from sandbox.hubspot.wire import refusal, shown
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal

CATEGORIES = {401: "INVALID_AUTHENTICATION", 404: "OBJECT_NOT_FOUND", 409: "CONFLICT"}


class HubSpot:
    slug = "hubspot"
    limits: ClassVar[list[Limit]] = [
        Limit("hubspot", "/", 100, 10.0),
        Limit("hubspot", "/search", 5, 1.0),
    ]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.portal = Portal(kit)

    def router(self) -> APIRouter:
        return router(self.portal)

    def controls(self) -> APIRouter:
        return controls(self.portal)

    def fault(self, status: int, wait: int) -> Refusal:
        answer = refusal(status, CATEGORIES.get(status, "ERROR"), "It could not be served.")
        if status == 429:
            assert isinstance(answer.body, dict)
            answer.body |= {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
            answer.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(wait * 1000)
        return answer

    def state(self) -> Json:
        kinds = ("meetings", "tasks", "contacts")
        told = {kind: [shown(one) for one in self.portal.of(kind)] for kind in kinds}
        return {"appointments": told.pop("meetings"), **told}

    def entry(self, base: str) -> Json:
        return {
            "slug": "hubspot",
            "connection": "hubspot",
            "base_url": f"{base}/hubspot",
            "credentials": {"access_token": token_of(self.kit)},
            "webhook_secrets": [secret_of(self.kit)],
            "settings": {
                "zone": self.kit.zone_name,
                "ref_property": "rebook_key",
                "link_fields": "acuity_id=acuity",
                "calendar_map": ",".join(f"{a}={own}" for a, own in self.portal.owners.items()),
                "campaign_property": "rebook_case",
                "app_id": str(APP),
                "portal_id": str(PORTAL),
            },
        }
