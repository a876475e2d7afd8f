"""Twilio's texts and calls, emulated: https://www.twilio.com/docs/messaging, …/docs/voice"""

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.twilio import controls
from sandbox.twilio.calls import Calls
from sandbox.twilio.errors import refusal
from sandbox.twilio.phone import Phone
from sandbox.twilio.routes import router
from sandbox.wire import Json, Refusal


class Twilio:
    slug = "twilio"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.phone = Phone(kit)
        self.calls = Calls(kit)

    def router(self) -> APIRouter:
        return router(self.phone)

    def controls(self) -> APIRouter:
        return controls.router(self.calls)

    def fault(self, status: int, _wait: int) -> Refusal:
        codes = {429: (20429, "Too Many Requests"), 401: (20003, "Authenticate")}
        code, message = codes.get(status, (20500, "Internal Server Error"))
        return refusal(status, code, message)

    def state(self) -> Json:
        return {
            "messages": [self.phone.shown(one) for one in self.phone.messages],
            "opted_out": sorted(self.phone.opted_out),
            "calls": [call.shown() for call in self.calls.calls],
        }
