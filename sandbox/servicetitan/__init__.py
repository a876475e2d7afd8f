"""ServiceTitan, emulated: https://developer.servicetitan.io"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.servicetitan.controls import controls
from sandbox.servicetitan.office import TENANT, Office
from sandbox.servicetitan.routes import router
from sandbox.servicetitan.wire import UNIT, refusal, shown_job, shown_visit
from sandbox.wire import Json, Refusal


class ServiceTitan:
    slug = "servicetitan"
    limits: ClassVar[list[Limit]] = [Limit("servicetitan", "/v2/", 60, 1.0)]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.office = Office(kit)

    def router(self) -> APIRouter:
        return router(self.office)

    def controls(self) -> APIRouter:
        return controls(self.office)

    def fault(self, status: int, wait: int) -> Refusal:
        answer = refusal(status, "The request could not be served.")
        if status == 429:
            answer.headers["Retry-After"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "appointments": [
                {**shown_visit(one), "ref": one.ref} for one in self.office.visits.values()
            ],
            "jobs": [
                {**shown_job(one, self.office), "notes": [note["text"] for note in one.notes]}
                for one in self.office.jobs.values()
            ],
            "tasks": list(self.office.tasks.values()),
        }

    def entry(self, base: str) -> Json:
        make = self.kit.secrets.make
        return {
            "slug": "servicetitan",
            "connection": "servicetitan",
            "base_url": f"{base}/servicetitan",
            "credentials": {
                "app_key": make("servicetitan-app"),
                "client_id": make("servicetitan-client"),
                "client_secret": make("servicetitan-secret"),
            },
            "webhook_secrets": [make("servicetitan-hook", 48)],
            "settings": {
                "tenant": str(TENANT),
                "zone": self.kit.zone_name,
                "token_url": f"{base}/servicetitan/connect/token",
                "client_reasons": "Customer cancelled",
                "company_reasons": "Cancelled by office",
                "cancel_reason": "32",
                "link_fields": "acuity_id=acuity",
                "task_reported_by": "71",
                "task_assigned_to": "72",
                "task_business_unit": str(UNIT),
                "task_type": "73",
                "task_source": "74",
            },
        }
