"""SendGrid's mails: accepted at once, delivered a moment later, answered by the person."""

import base64
import secrets
from functools import partial

from sandbox.credentials import INBOUND_DOMAIN
from sandbox.kit import Kit
from sandbox.sendgrid import events, inbound
from sandbox.sendgrid.mail import Mail, check, read, refusal
from sandbox.wire import Json

DELIVERY = 0.5


class Mailbox:
    """Addresses in `bouncing` do not exist; those in `suppressed` are silently dropped."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.mails: list[Mail] = []
        self.suppressed: set[str] = set()
        self.bouncing: set[str] = set()

    def find(self, mail_id: str) -> Mail:
        for mail in self.mails:
            if mail.id == mail_id or mail.sg_message_id == mail_id:
                return mail
        raise refusal("resource not found", status=404)

    def send(self, body: Json) -> str:
        check(body)
        message_id = _id()
        fresh = read(body, self.kit.clock.now(), message_id)
        if (body.get("mail_settings") or {}).get("sandbox_mode", {}).get("enable"):
            return message_id
        self.mails += fresh
        dropped = [mail for mail in fresh if mail.to.lower() in self.suppressed]
        travelling = [mail for mail in fresh if mail not in dropped]
        if dropped:
            self._report(dropped, "dropped", {"reason": "Unsubscribed Address"})
        if travelling:
            self._report(travelling, "processed", {"send_at": 0})
            self.kit.courier.later(DELIVERY, partial(self._deliver, travelling))
        return message_id

    def _deliver(self, mails: list[Mail]) -> None:
        for mail in mails:
            if mail.to.lower() in self.bouncing:
                more = {"type": "bounce", "status": "5.1.1", "reason": "550 unknown user"}
                self._report([mail], "bounce", more)
            else:
                self._report([mail], "delivered", {"response": "250 OK"})

    def _report(self, mails: list[Mail], name: str, more: Json) -> None:
        batch = [events.event(self.kit, mail, name, more) for mail in mails]
        for mail, event in zip(mails, batch, strict=True):
            mail.status = name
            mail.events.append(event)
        events.post(self.kit, batch)

    def answer(self, mail_id: str, text: str, *, automatic: bool = False) -> Mail:
        """The person answers, to the reply address where there is one."""
        mail = self.find(mail_id)
        reply = Mail(
            _id(),
            mail.reply_to or f"studio@{INBOUND_DOMAIN}",
            mail.to,
            "",
            mail.subject if mail.subject.startswith("Re:") else f"Re: {mail.subject}",
            text,
            "",
            {},
            {"Auto-Submitted": "auto-replied"} if automatic else {},
            self.kit.clock.now(),
            "received",
            "inbound",
            mail.id,
        )
        self.mails.append(reply)
        inbound.post(self.kit, reply)
        return reply


def _id() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
