"""What people do in Salesforce's own screens."""

from fastapi import APIRouter

from sandbox.salesforce.org import Org
from sandbox.wire import Json


def controls(org: Org) -> APIRouter:
    routes = APIRouter(prefix="/_control/salesforce")

    @routes.post("/{event}/cancel")
    async def cancel(event: str) -> Json:
        org.update("Event", event, {"Appointment_Status__c": "Cancelled"}, "")
        return {"cancelled": event}

    @routes.post("/{event}/missed")
    async def missed(event: str) -> Json:
        org.update("Event", event, {"Appointment_Status__c": "Missed"}, "")
        return {"missed": event}

    @routes.post("/{event}/delete")
    async def delete(event: str) -> Json:
        org.delete("Event", event)
        return {"deleted": event}

    return routes
