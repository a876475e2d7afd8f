"""A mail as SendGrid takes it, and what makes it refuse one."""

import base64
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.wire import Json, Refusal


@dataclass
class Mail:
    """One recipient's copy. `id` is the X-Message-Id that event ids begin with."""

    id: str
    to: str
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    custom_args: dict[str, str]
    headers: dict[str, str]
    at: datetime
    status: str = "processed"
    direction: str = "outbound"
    in_reply_to: str = ""
    events: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)

    @property
    def sg_message_id(self) -> str:
        return f"{self.id}.recvd-sandbox-1-0"

    def shown(self) -> Json:
        return {
            "id": self.id,
            "direction": self.direction,
            "to": self.to,
            "from": self.sender,
            "reply_to": self.reply_to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "custom_args": self.custom_args,
            "headers": self.headers,
            "at": self.at.isoformat(),
            "status": self.status,
            "in_reply_to": self.in_reply_to,
            "attachments": self.attachments,
        }


def refusal(message: str, where: str | None = None, status: int = 400) -> Refusal:
    return Refusal(status, {"errors": [{"message": message, "field": where, "help": None}]})


def check(body: Json) -> None:
    """The vendor's required parts, in the order of its own messages."""
    people = body.get("personalizations")
    if not isinstance(people, list) or not 1 <= len(people) <= 1000:
        raise refusal("The personalizations field is required.", "personalizations")
    for number, person in enumerate(people):
        _check_person(person, f"personalizations.{number}", body)
    if "@" not in _address(body.get("from")):
        raise refusal("The from object must be provided with a valid e-mail.", "from.email")
    if not body.get("template_id"):
        _check_content(body.get("content"))
    for number, file in enumerate(body.get("attachments") or []):
        _check_file(file, f"attachments.{number}")


def _check_person(person: object, where: str, body: Json) -> None:
    to = person.get("to") if isinstance(person, dict) else None
    if not isinstance(to, list) or not to:
        raise refusal("The to array is required for all personalization objects.", f"{where}.to")
    for number, one in enumerate(to):
        if "@" not in _address(one):
            raise refusal("Does not contain a valid address.", f"{where}.to.{number}.email")
    subject = (person.get("subject") if isinstance(person, dict) else "") or body.get("subject")
    if not subject and not body.get("template_id"):
        raise refusal("The subject is required.", "subject")
    args = {**_object(body.get("custom_args")), **_object(_object(person).get("custom_args"))}
    if sum(len(str(k)) + len(str(v)) for k, v in args.items()) > 10_000:
        raise refusal("The custom_args are larger than 10,000 bytes.", f"{where}.custom_args")
    if not all(isinstance(value, str) for value in args.values()):
        raise refusal("The custom_args must be strings.", f"{where}.custom_args")


def _check_file(file: Json, where: str) -> None:
    """Base64 in one line, a name, and a type in which nothing can begin a new header."""
    try:
        base64.b64decode(str(file.get("content") or "?"), validate=True)
    except ValueError:
        raise refusal(
            "The attachment content must be base64 encoded.", f"{where}.content"
        ) from None
    if not file.get("filename"):
        raise refusal("The filename parameter is required.", f"{where}.filename")
    if any(sign in str(file.get("type", "")) for sign in "\r\n"):
        raise refusal("The attachment type cannot contain CRLF characters.", f"{where}.type")


def _check_content(content: object) -> None:
    if not isinstance(content, list) or not content:
        raise refusal("Content is required.", "content")
    types = [part.get("type") if isinstance(part, dict) else None for part in content]
    if None in types or not all(part.get("value") for part in content):
        raise refusal("The content value must be a string at least one character long.", "content")
    if "text/plain" in types and types[0] != "text/plain":
        raise refusal("text/plain must be the first content.", "content")


def read(body: Json, now: datetime, message_id: str) -> list[Mail]:
    """One mail per recipient; custom_args of the person win over those of the whole."""
    parts = {part["type"]: str(part["value"]) for part in body.get("content") or []}
    return [
        Mail(
            message_id,
            _address(to),
            _address(body["from"]),
            _address(person.get("reply_to") or body.get("reply_to")),
            str(person.get("subject") or body.get("subject") or ""),
            parts.get("text/plain", ""),
            parts.get("text/html", ""),
            {**_object(body.get("custom_args")), **_object(person.get("custom_args"))},
            {**_object(body.get("headers")), **_object(person.get("headers"))},
            now,
            attachments=list(body.get("attachments") or []),
        )
        for person in body["personalizations"]
        for to in person["to"]
    ]


def _address(value: object) -> str:
    return str(_object(value).get("email") or "")


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}
