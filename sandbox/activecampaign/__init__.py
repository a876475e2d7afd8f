"""ActiveCampaign's v3 API, emulated: https://developers.activecampaign.com/reference"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.activecampaign.controls import controls
from sandbox.activecampaign.crm import ENDS_FIELD, LINK_FIELD, PIPELINE, STARTS_FIELD, Crm
from sandbox.activecampaign.hooks import Hooks
from sandbox.activecampaign.routes import router
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal


class ActiveCampaign:
    slug: ClassVar[str] = "activecampaign"
    limits: ClassVar[list[Limit]] = [Limit("activecampaign", "/api/3/", 5, 1.0)]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.token = "sandbox-" + kit.secrets.make("activecampaign-token", 40)
        self.hooks = Hooks(kit)
        self.crm = Crm(kit, self.hooks)

    def router(self) -> APIRouter:
        return router(self.crm, self.hooks, self.token)

    def controls(self) -> APIRouter:
        return controls(self.crm, self.hooks)

    def fault(self, status: int, wait: int) -> Refusal:
        headers = {"Retry-After": str(wait)} if status == 429 else {}
        return Refusal(status, {"message": "The request was not served."}, headers)

    def state(self) -> Json:
        return {
            "deals": [self.crm.whole(one) for one in self.crm.deals.values()],
            "contacts": list(self.crm.contacts.values()),
            "entries": list(self.crm.entries.values()),
            "webhooks": list(self.hooks.registered.values()),
        }

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": self.slug,
            "base_url": f"{base}/{self.slug}/api/3",
            "credentials": {"api_token": self.token},
            "webhook_secrets": ["sandbox-" + self.kit.secrets.make("activecampaign-hook", 24)],
            "settings": {
                "pipeline": PIPELINE,
                "starts_field": STARTS_FIELD,
                "ends_field": ENDS_FIELD,
                "link_fields": f"{LINK_FIELD}=acuity",
                "automation": "42",
                "zone": self.kit.zone_name,
            },
        }
