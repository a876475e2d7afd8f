"""Slack's messages and button presses in their shape and ours."""

from collections.abc import Iterator
from typing import Any

from connectors.contract import Answer, Button, OutgoingMessage
from connectors.parsing import form_of, json_of
from rebook.domain.messages import StaffAction

EVENT_TYPE = "rebook"
SECTION = 3000
LABEL = 75
MOST_IN_A_ROW = 25
CHALLENGE = 256
STYLES = frozenset({"primary", "danger"})


def escaped(text: str) -> str:
    """Nothing in a text of ours may become a mention or a disguised link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def content(message: OutgoingMessage) -> dict[str, Any]:
    """What is posted, and posted again in its place when it changes."""
    text = escaped(message.text)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION]}}
    buttons = [_element(button) for button in message.buttons][:MOST_IN_A_ROW]
    return {
        "text": text,
        "blocks": [section, *([{"type": "actions", "elements": buttons}] if buttons else [])],
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"ref": message.our_ref}},
    }


def _element(button: Button) -> dict[str, Any]:
    return _menu(button) if button.options else _button(button)


def _menu(button: Button) -> dict[str, Any]:
    options = [{"text": _label(label), "value": value} for label, value in button.options]
    return {
        "type": "static_select",
        "action_id": button.action,
        "placeholder": _label(button.label),
        "options": options,
    }


def _label(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text[:LABEL]}


def _button(button: Button) -> dict[str, Any]:
    style = {"style": button.style} if button.style in STYLES else {}
    label = _label(button.label)
    return {
        "type": "button",
        "action_id": button.action,
        "text": label,
        "value": button.value,
        **style,
    }


def carries(found: dict[str, Any], our_ref: str) -> bool:
    """A message in a channel's history is ours and of this intent."""
    metadata = found.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.get("ref") == our_ref


def actions(body: bytes) -> list[StaffAction]:
    """The buttons of one `block_actions` form; anything else people do in Slack is none of ours."""
    payload = json_of(form_of(body).get("payload", ""))
    if not isinstance(payload, dict) or payload.get("type") != "block_actions":
        return []
    return list(_pressed(payload))


def _pressed(payload: dict[str, Any]) -> Iterator[StaffAction]:
    where, user = _object(payload, "container"), str(_object(payload, "user").get("id") or "")
    channel = where.get("channel_id") or _object(payload, "channel").get("id") or ""
    stamp = where.get("message_ts") or ""
    pressed = payload.get("actions")
    for action in pressed if isinstance(pressed, list) else []:
        if isinstance(action, dict) and action.get("action_id") and user:
            yield StaffAction(
                action=str(action["action_id"]),
                value=str(
                    action.get("value") or _object(action, "selected_option").get("value") or ""
                ),
                by=user,
                message_ref=f"{channel}:{stamp}" if channel and stamp else "",
                vendor_id=f"{stamp}:{action['action_id']}:{user}:{action.get('action_ts', '')}",
            )


def _object(payload: dict[str, Any], name: str) -> dict[str, Any]:
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def challenge(body: bytes) -> Answer | None:
    """The handshake of an event subscription, echoed as plain text, bounded, and not kept."""
    asked = json_of(body)
    if not isinstance(asked, dict) or asked.get("type") != "url_verification":
        return None
    word = asked.get("challenge")
    if not (isinstance(word, str) and word.isascii() and word.isprintable()):
        return None
    return Answer(word.encode(), store=False) if len(word) <= CHALLENGE else None
