"""What clients and the clock do there: unsubscribe, complain, and the scheduled campaigns leave."""

from fastapi import APIRouter

from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.campaigns import Campaigns
from sandbox.mailchimp.hooks import Hooks
from sandbox.wire import Json


def controls(audience: Audience, campaigns: Campaigns, hooks: Hooks) -> APIRouter:
    routes = APIRouter(prefix="/_control/mailchimp")

    @routes.post("/depart")
    async def depart() -> Json:
        """Scheduled campaigns whose time has come by the town's clock."""
        return {"sent": campaigns.send_due()}

    @routes.post("/{email}/unsubscribe")
    async def unsubscribe(email: str) -> Json:
        member = audience.change(email, "unsubscribed")
        hooks.tell("unsubscribe", member, "user", {"action": "unsub", "reason": "manual"})
        return {"unsubscribed": member["email_address"]}

    @routes.post("/{email}/bounce")
    async def bounce(email: str) -> Json:
        member = audience.change(email, "cleaned")
        hooks.tell("cleaned", member, "admin", {"reason": "hard"})
        return {"cleaned": member["email_address"]}

    return routes
