"""The Email Activity search: `field="value"` terms joined by AND."""

import json
import re
from datetime import UTC, datetime

from sandbox.sendgrid.mail import Mail, refusal
from sandbox.sendgrid.mailbox import Mailbox
from sandbox.wire import Json

TERM = re.compile(
    r"""\s*(?:(?P<args>unique_args|custom_args)\[["'](?P<key>[^"']+)["']\]|(?P<field>\w+))"""
    r"""\s*(?P<how>=|LIKE)\s*["'](?P<value>[^"']*)["']\s*"""
)
NAMES = {"bounce": "bounced"}
FIELDS = {"to_email", "from_email", "subject", "msg_id", "status"}


def search(mailbox: Mailbox, query: str, limit: str) -> Json:
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= 1000):
        raise refusal("limit must be between 1 and 1000", "limit")
    terms = [_term(text) for text in re.split(r"\s+AND\s+", query)] if query.strip() else []
    sent = [mail for mail in reversed(mailbox.mails) if mail.direction == "outbound"]
    found = [mail for mail in sent if all(_holds(mail, term) for term in terms)]
    return {"messages": [_shown(mail) for mail in found[: int(limit)]]}


def detail(mail: Mail) -> Json:
    """The spec wants every field there, most of them empty here; unique_args is a JSON text."""
    brief = {k: v for k, v in _shown(mail).items() if k in FIELDS}
    return {
        **brief,
        "template_id": "",
        "asm_group_id": 1,
        "teammate": "",
        "api_key_id": "sandbox",
        "events": [_event(event) for event in mail.events],
        "originating_ip": "192.0.2.1",
        "categories": [],
        "unique_args": json.dumps(mail.custom_args),
        "outbound_ip": "192.0.2.2",
        "outbound_ip_type": "dedicated",
    }


def _event(event: Json) -> Json:
    at = datetime.fromtimestamp(event["timestamp"], UTC)
    return {
        "event_name": NAMES.get(event["event"], event["event"]),
        "processed": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "bounce_type": "hard",
        "http_user_agent": "",
        "mx_server": "mx.sandbox.example.com",
    }


def _term(text: str) -> re.Match[str]:
    match = TERM.fullmatch(text)
    if not match:
        raise refusal("invalid syntax: the query cannot be read", "query")
    if match["field"] and match["field"] not in FIELDS:
        raise refusal(f"invalid syntax: '{match['field']}' is not a known field", "query")
    return match


def _holds(mail: Mail, term: re.Match[str]) -> bool:
    own = str(mail.custom_args.get(term["key"], "")) if term["args"] else _field(mail, term)
    if term["how"] == "LIKE":
        pattern = ".*".join(re.escape(part) for part in term["value"].split("%"))
        return re.fullmatch(pattern, own, re.DOTALL) is not None
    return own == term["value"]


def _field(mail: Mail, term: re.Match[str]) -> str:
    return str(_shown(mail)[term["field"]])


def _shown(mail: Mail) -> Json:
    names = {"bounce": "not_delivered", "dropped": "not_delivered"}
    return {
        "from_email": mail.sender,
        "msg_id": mail.sg_message_id,
        "subject": mail.subject,
        "to_email": mail.to,
        "status": names.get(mail.status, mail.status),
        "opens_count": 0,
        "clicks_count": 0,
        "last_event_time": _iso(mail),
    }


def _iso(mail: Mail) -> str:
    return mail.at.strftime("%Y-%m-%dT%H:%M:%SZ")
