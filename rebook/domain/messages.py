"""What people and message vendors tell us, in our words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"
    STAFF = "staff"
    PAGE = "page"
    PHONE = "phone"


@dataclass(frozen=True)
class InboundMessage:
    """Words a person sent us. `sender` is a phone (E.164) or an e-mail address."""

    channel: Channel
    sender: str
    recipient: str
    text: str
    vendor_id: str
    received_at: datetime | None = None
    reply_token: str = ""
    """The token in the address an e-mail answer was sent to."""
    doubtful: bool = False
    """The channel's own checks speak against the sender: a person reads it, and no rule acts on it."""


class Delivery(StrEnum):
    """How far a message got, in rank order: a later report never moves it back."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class DeliveryReport:
    """A vendor's word about a message of ours; `intent` is our own id where the vendor echoes it."""

    vendor_id: str
    delivery: Delivery
    intent: str = ""
    opted_out: bool = False
    code: str = ""


@dataclass(frozen=True)
class StaffAction:
    """A button a member of staff pressed: `action` and `value` are ours, `by` is their staff id."""

    action: str
    value: str
    by: str
    message_ref: str = ""
    vendor_id: str = ""


@dataclass(frozen=True)
class PollNow:
    """The platform only says that something changed: run `catch_up` for its connection."""


@dataclass(frozen=True)
class OptOut:
    """A vendor reports that a contact point refuses our messages."""

    channel: Channel
    contact: str
