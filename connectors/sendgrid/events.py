"""SendGrid's event webhook in our words. Its `reason` quotes addresses and is never taken along."""

from typing import Any

from connectors.contract import Translated
from connectors.parsing import json_of
from rebook.domain.messages import Channel, Delivery, DeliveryReport, OptOut

DELIVERIES = {
    "processed": Delivery.ACCEPTED,
    "deferred": Delivery.ACCEPTED,
    "delivered": Delivery.DELIVERED,
    "bounce": Delivery.FAILED,
    "dropped": Delivery.FAILED,
}
OPT_OUTS = frozenset({"spamreport", "unsubscribe", "group_unsubscribe"})
OPTED_OUT_BEFORE = frozenset({"Unsubscribed Address", "Spam Reporting Address"})


def translate(body: bytes) -> list[Translated]:
    """One word of ours for each event of a batch that says something to us."""
    batch = json_of(body)
    events = [event for event in batch if isinstance(event, dict)] if _is_list(batch) else []
    told = (_report(event) or _opt_out(event) for event in events)
    return [word for word in told if word is not None]


def message_id(value: object) -> str:
    """The X-Message-Id our send was answered with: what stands before the first dot."""
    return str(value or "").partition(".")[0]


def _report(event: dict[str, Any]) -> DeliveryReport | None:
    delivery = DELIVERIES.get(str(event.get("event")))
    if delivery is None or not event.get("sg_message_id"):
        return None
    return DeliveryReport(
        vendor_id=message_id(event["sg_message_id"]),
        delivery=delivery,
        intent=str(event.get("i", "")),
        opted_out=event.get("reason") in OPTED_OUT_BEFORE,
        code=_code(event),
    )


def _opt_out(event: dict[str, Any]) -> OptOut | None:
    if event.get("event") not in OPT_OUTS or not event.get("email"):
        return None
    return OptOut(Channel.EMAIL, str(event["email"]))


def _code(event: dict[str, Any]) -> str:
    """The enhanced status (5.2.2) of a failure, else its type (`blocked`)."""
    status = str(event.get("status", ""))
    if len(status) <= 12 and status.replace(".", "").isdecimal():
        return status
    return str(event["type"]) if event.get("type") in ("bounce", "blocked") else ""


def _is_list(value: object) -> bool:
    return isinstance(value, list)
