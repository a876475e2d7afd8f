"""What people do in HubSpot's own screens."""

from fastapi import APIRouter

from sandbox.hubspot.portal import Portal
from sandbox.wire import Json


def controls(portal: Portal) -> APIRouter:
    routes = APIRouter(prefix="/_control/hubspot")

    @routes.post("/{number}/cancel")
    async def cancel(number: str) -> Json:
        portal.edit(number, {"hs_meeting_outcome": "CANCELED"})
        return {"cancelled": number}

    @routes.post("/{number}/missed")
    async def missed(number: str) -> Json:
        portal.edit(number, {"hs_meeting_outcome": "NO_SHOW"})
        return {"missed": number}

    @routes.post("/{number}/archive")
    async def archive(number: str) -> Json:
        portal.archive("meetings", number)
        return {"archived": number}

    return routes
