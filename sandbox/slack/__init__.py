"""Slack's Web API, emulated: https://docs.slack.dev"""

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.slack.channel import Channel
from sandbox.slack.clicks import Clicks
from sandbox.slack.routes import router
from sandbox.wire import Json, Refusal


class Slack:
    slug = "slack"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.channel = Channel(kit)
        self.clicks = Clicks(self.channel)

    def router(self) -> APIRouter:
        return router(self.channel, self.clicks)

    def fault(self, status: int, wait: int) -> Refusal:
        if status == 429:
            body: Json = {"ok": False, "error": "ratelimited"}
            return Refusal(429, body, {"Retry-After": str(max(wait, 1))})
        return Refusal(status, {"ok": False, "error": "internal_error"})

    def state(self) -> Json:
        return {"messages": self.channel.messages}
