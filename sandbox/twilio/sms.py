"""A text message: its record, its parts, and the words that opt a number out."""

import math
from dataclasses import dataclass
from datetime import datetime

STOP_WORDS = {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
START_WORDS = {"START", "YES", "UNSTOP"}
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = set("^{}\\[~]|€")


@dataclass
class Sms:
    sid: str
    sender: str
    to: str
    body: str
    direction: str
    status: str
    created: datetime
    service: str | None = None
    callback: str = ""
    sent: datetime | None = None
    updated: datetime | None = None
    error_code: int | None = None

    @property
    def client(self) -> str:
        """The person's number, whoever wrote."""
        return self.sender if self.direction == "inbound" else self.to


def segments(text: str) -> int:
    """GSM 03.38: 160 septets, 153 when split; anything else UCS-2: 70 units, 67 when split."""
    if set(text) <= GSM | GSM_TWICE:
        length, single, part = len(text) + sum(c in GSM_TWICE for c in text), 160, 153
    else:
        length, single, part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= single else math.ceil(length / part)
