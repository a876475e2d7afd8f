"""Twilio's forms in our words. A form that says nothing we know becomes nothing."""

from urllib.parse import urlsplit

from connectors.contract import StoredWebhook, Translated
from connectors.parsing import form_of, short_code
from connectors.twilio.client import OPTED_OUT
from rebook.domain.messages import Channel, Delivery, DeliveryReport, InboundMessage, OptOut

DELIVERIES = {
    "accepted": Delivery.ACCEPTED,
    "scheduled": Delivery.ACCEPTED,
    "queued": Delivery.ACCEPTED,
    "sending": Delivery.ACCEPTED,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.DELIVERED,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}


def inbound(stored: StoredWebhook) -> list[Translated]:
    """A text a client sent us, and the opt-out where Twilio itself already honoured one."""
    form = form_of(stored.body)
    sender, sid = form.get("From", ""), form.get("MessageSid", "")
    if not (sender and sid):
        return []
    message = InboundMessage(
        channel=Channel.SMS,
        sender=sender,
        recipient=form.get("To", ""),
        text=form.get("Body", ""),
        vendor_id=sid,
        received_at=stored.received_at,
    )
    if form.get("OptOutType", "").upper() == "STOP":
        return [OptOut(Channel.SMS, sender), message]
    return [message]


def status(stored: StoredWebhook) -> list[Translated]:
    """How far a text of ours got; the intent comes back in the callback's own address."""
    form = form_of(stored.body)
    delivery = DELIVERIES.get(form.get("MessageStatus", ""))
    if delivery is None or not form.get("MessageSid"):
        return []
    code = short_code(form.get("ErrorCode", ""))
    return [
        DeliveryReport(
            vendor_id=form["MessageSid"],
            delivery=delivery,
            intent=form_of(urlsplit(stored.url).query).get("i", ""),
            opted_out=code == OPTED_OUT,
            code=code,
        )
    ]


def dedupe_key(kind: str, body: bytes) -> str | None:
    """One per inbound text, one per step of an outbound one, one per call."""
    form = form_of(body)
    if kind == "voice":
        return form.get("CallSid") or None
    sid, step = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not sid:
        return None
    return f"{sid}:{step}" if kind == "status" else sid
