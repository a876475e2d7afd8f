"""What staff and clients do there by hand: drag a deal into a stage, unsubscribe."""

from fastapi import APIRouter

from sandbox.activecampaign.crm import STAGES, Crm
from sandbox.activecampaign.hooks import Hooks
from sandbox.wire import Json

BY_TITLE = {title: number for number, title in STAGES.items()}


def controls(crm: Crm, hooks: Hooks) -> APIRouter:
    routes = APIRouter(prefix="/_control/activecampaign")

    def drag(deal_id: str, title: str) -> Json:
        crm.update(deal_id, {"stage": BY_TITLE[title]}, source="admin")
        return {"id": deal_id, "stage": title}

    @routes.post("/{deal_id}/cancel")
    async def cancel(deal_id: str) -> Json:
        return drag(deal_id, "Cancelled")

    @routes.post("/{deal_id}/missed")
    async def missed(deal_id: str) -> Json:
        return drag(deal_id, "Missed")

    @routes.post("/{contact_id}/unsubscribe")
    async def unsubscribe(contact_id: str) -> Json:
        person = crm.contact(contact_id)
        crm.lists[contact_id] = "2"
        hooks.refused("unsubscribe", person)
        return {"unsubscribed": contact_id}

    return routes
