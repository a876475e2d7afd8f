"""SendGrid v3, emulated: https://www.twilio.com/docs/sendgrid"""

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.sendgrid.mailbox import Mailbox
from sandbox.sendgrid.routes import router
from sandbox.wire import Json, Refusal


class SendGrid:
    slug = "sendgrid"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.mailbox = Mailbox(kit)

    def router(self) -> APIRouter:
        return router(self.mailbox)

    def fault(self, status: int, wait: int) -> Refusal:
        message = "too many requests" if status == 429 else "the request could not be served"
        body: Json = {"errors": [{"message": message, "field": None, "help": None}]}
        if status != 429:
            return Refusal(status, body)
        reset = int(self.kit.clock.timestamp()) + wait
        limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
        return Refusal(status, body, limits)

    def state(self) -> Json:
        return {
            "mails": [mail.shown() for mail in self.mailbox.mails],
            "suppressed": sorted(self.mailbox.suppressed),
        }
