"""Mailchimp's Marketing API, emulated: https://mailchimp.com/developer/marketing/api/"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.mailchimp.audience import JOURNEY, LIST, STEP, TEMPLATE, Audience
from sandbox.mailchimp.campaigns import Campaigns
from sandbox.mailchimp.controls import controls
from sandbox.mailchimp.errors import problem
from sandbox.mailchimp.hooks import Hooks
from sandbox.mailchimp.routes import router
from sandbox.wire import Json, Refusal

TITLES = {
    401: "API Key Invalid",
    403: "Forbidden",
    404: "Resource Not Found",
    429: "Too Many Requests",
}


class Mailchimp:
    slug: ClassVar[str] = "mailchimp"
    # Mailchimp limits connections at one time, ten of them, and says no rate.
    limits: ClassVar[list[Limit]] = []

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.key = kit.secrets.make("mailchimp-key") + "-us0"
        self.audience = Audience(kit)
        self.campaigns = Campaigns(kit, self.audience)
        self.hooks = Hooks(kit)

    def router(self) -> APIRouter:
        return router(self.audience, self.campaigns, self.hooks, self.key)

    def controls(self) -> APIRouter:
        return controls(self.audience, self.campaigns, self.hooks)

    def fault(self, status: int, _wait: int) -> Refusal:
        """There is no Retry-After at Mailchimp."""
        return problem(status, TITLES.get(status, "Internal Server Error"))

    def state(self) -> Json:
        return {
            "members": list(self.audience.members.values()),
            "journeys": self.audience.entered,
            "segments": [self.audience.segment(one) for one in self.audience.segments],
            "campaigns": list(self.campaigns.all.values()),
            "mails": self.campaigns.mails,
            "webhooks": list(self.hooks.registered.values()),
        }

    def entry(self, base: str) -> Json:
        return {
            "slug": self.slug,
            "connection": self.slug,
            "base_url": f"{base}/{self.slug}/3.0",
            "credentials": {"api_key": self.key},
            "webhook_secrets": ["sandbox-" + self.kit.secrets.make("mailchimp-hook", 24)],
            "settings": {
                "list": LIST,
                "campaign": "tag",
                "tag": "lost-appointment",
                "journey": JOURNEY,
                "step": STEP,
                "subject": "A new time for you",
                "from_name": "Harbour Street Studio",
                "reply_to": "studio@example.com",
                "template": str(TEMPLATE),
            },
        }
