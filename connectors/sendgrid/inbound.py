"""SendGrid's Inbound Parse in our words: who answered, to which address of ours, and what they wrote."""

import hashlib
import re
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage, Message
from typing import Any

from connectors.contract import StoredWebhook, Translated
from connectors.parsing import json_of
from connectors.sendgrid import senders
from connectors.sendgrid.replies import newly_written, words_of
from rebook.domain.messages import Channel, InboundMessage

_TOKEN = re.compile(r"r\+([A-Za-z0-9_-]{1,128})@")


@dataclass(frozen=True)
class Mail:
    """What one posted form says of a mail. `to` are the addresses it was really sent to."""

    sender: str = ""
    to: tuple[str, ...] = ()
    text: str = ""
    headers: Message = field(default_factory=Message)
    subject: str = ""
    spf: str = ""
    dkim: str = ""

    @property
    def is_automatic(self) -> bool:
        return senders.is_automatic(self.headers, self.sender, self.subject)

    @property
    def is_doubtful(self) -> bool:
        return senders.is_doubtful(self.headers, self.sender, spf=self.spf, dkim=self.dkim)

    @property
    def recipient(self) -> str:
        """The one of our addresses that names an outreach, else the first."""
        named = [address for address in self.to if _TOKEN.match(address)]
        return (named or list(self.to) or [""])[0]

    @property
    def key(self) -> str:
        """The mail's own id with its recipient, as one mail may be sent to two of our addresses."""
        known = str(self.headers.get("Message-ID", "")).strip()
        named = known or f"{self.sender}\n{self.headers.get('Date', '')}\n{self.text}"
        return hashlib.sha256(f"{named}\n{self.recipient}".encode("utf-8", "replace")).hexdigest()


def translate(stored: StoredWebhook) -> list[Translated]:
    mail = read(stored.body, stored.headers.get("content-type", ""))
    if mail.is_automatic or not mail.to:
        return []
    token = _TOKEN.match(mail.recipient)
    return [
        InboundMessage(
            channel=Channel.EMAIL,
            sender=mail.sender,
            recipient=mail.recipient,
            text=newly_written(mail.text),
            vendor_id=mail.key,
            received_at=stored.received_at,
            reply_token=token.group(1) if token else "",
            doubtful=mail.is_doubtful,
        )
    ]


def read(body: bytes, content_type: str) -> Mail:
    """The mail a form describes; a broken form describes none."""
    fields = _fields(body, content_type)
    envelope = json_of(fields.get("envelope", ""))
    if not isinstance(envelope, dict):
        return Mail()
    to = envelope.get("to")
    headers = message_from_string(fields.get("headers", ""))
    text = fields.get("text") or words_of(fields.get("html", ""))
    if fields.get("email"):
        headers, text = _raw(fields["email"])
    return Mail(
        sender=str(envelope.get("from") or ""),
        to=tuple(str(address) for address in to) if isinstance(to, list) else (),
        text=text,
        headers=headers,
        subject=fields.get("subject") or str(headers.get("Subject", "")),
        spf=fields.get("SPF", ""),
        dkim=fields.get("dkim", ""),
    )


def _raw(mail: str) -> tuple[Message, str]:
    """The setting `POST the raw, full MIME message` sends the mail itself in place of its parts.

    Headers are taken as they stand: Python's modern policy fails on malformed addresses.
    """
    sent = mail.encode("utf-8", "surrogateescape")
    whole = message_from_bytes(sent, policy=policy.default)
    assert isinstance(whole, EmailMessage)
    part = whole.get_body(("plain", "html"))
    content = _content(part) if part else ""
    is_html = part is not None and part.get_content_subtype() == "html"
    return message_from_bytes(sent), words_of(content) if is_html else content


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except (LookupError, KeyError, ValueError):
        return ""


def _fields(body: bytes, content_type: str) -> dict[str, str]:
    """The text fields of a multipart form, each in the charset SendGrid names for it."""
    form = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not form.is_multipart():
        return {}
    raw = {name: part.get_payload(decode=True) for part in form.walk() if (name := _name(part))}
    charsets = json_of(_decoded(raw.get("charsets"), "utf-8"))
    named = charsets if isinstance(charsets, dict) else {}
    return {name: _decoded(value, named.get(name)) for name, value in raw.items()}


def _name(part: Message) -> str:
    disposed = part.get_param("name", header="content-disposition")
    return disposed if isinstance(disposed, str) and part.get_filename() is None else ""


def _decoded(value: object, charset: object) -> str:
    raw = value if isinstance(value, bytes) else b""
    try:
        return raw.decode(str(charset or "utf-8"), "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")
