"""Salesforce, emulated: https://developer.salesforce.com/docs"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.salesforce.controls import controls
from sandbox.salesforce.hooks import key_of
from sandbox.salesforce.org import ORGANIZATION, Org
from sandbox.salesforce.routes import router
from sandbox.salesforce.wire import refusal, shown
from sandbox.wire import Json, Refusal

CODES = {
    401: "INVALID_SESSION_ID",
    403: "INSUFFICIENT_ACCESS",
    404: "NOT_FOUND",
    412: "PRECONDITION_FAILED",
    500: "UNKNOWN_EXCEPTION",
    503: "SERVER_UNAVAILABLE",
}


class Salesforce:
    """Its limit is a day's allowance, answered with 403; there is no rate of calls."""

    slug = "salesforce"
    limits: ClassVar[list[Limit]] = []

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.org = Org(kit)

    def router(self) -> APIRouter:
        return router(self.org)

    def controls(self) -> APIRouter:
        return controls(self.org)

    def fault(self, status: int, _wait: int) -> Refusal:
        """A used-up allowance does not say for how long."""
        if status == 429:
            return refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return refusal(status, CODES.get(status, "UNKNOWN_EXCEPTION"), "It could not be served.")

    def state(self) -> Json:
        return {
            "appointments": [shown("Event", row) for row in self.org.rows("Event")],
            "tasks": [shown("Task", row) for row in self.org.rows("Task")],
            "members": [shown("CampaignMember", row) for row in self.org.rows("CampaignMember")],
            "acknowledged": self.org.hooks.acknowledged,
        }

    def entry(self, base: str) -> Json:
        make = self.kit.secrets.make
        return {
            "slug": "salesforce",
            "connection": "salesforce",
            "base_url": f"{base}/salesforce",
            "credentials": {
                "client_id": make("salesforce-client"),
                "client_secret": make("salesforce-secret"),
            },
            "webhook_secrets": [key_of(self.kit)],
            "settings": {
                "zone": self.kit.zone_name,
                "organization": ORGANIZATION,
                "link_fields": "Acuity_Id__c=acuity",
                "calendar_map": ",".join(f"{n}={user}" for n, user in self.org.users.items()),
                "campaign": "701000000000001AAA",
            },
        }
