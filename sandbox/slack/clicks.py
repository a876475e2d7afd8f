"""A staff member presses a button: a signed form with one field, `payload`. Slack never repeats it."""

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sandbox.courier import Post
from sandbox.credentials import SLACK_APP, SLACK_CHANNEL, SLACK_TEAM
from sandbox.kit import Kit
from sandbox.slack.blocks import button
from sandbox.slack.channel import NAME, Channel
from sandbox.slack.errors import refusal
from sandbox.slack.team import MEMBERS
from sandbox.wire import Json

PATIENCE = 3.0
USES, LIFETIME = 5, timedelta(minutes=30)


class Clicks:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._kit = channel.kit
        self._urls: dict[str, tuple[str, datetime, int]] = {}

    def press(self, ts: str, action_id: str, user: str, base_url: str, picked: str = "") -> Json:
        """The payload that was sent, and the record of its delivery. Of a menu, `picked` is a value."""
        message = self._channel.find(ts)
        found = button(message, action_id)
        if found is None:
            raise refusal("action_not_found")
        element, block = found
        payload = {
            **self._frame(message, user),
            "response_url": f"{base_url}/slack/actions/{self._response_token(ts)}",
            "actions": [
                {
                    "type": element["type"],
                    "action_id": action_id,
                    "block_id": block.get("block_id", ""),
                    **_said(element, picked),
                    "action_ts": f"{self._kit.clock.timestamp():.6f}",
                }
            ],
        }
        return self._send(payload)

    def _frame(self, message: Json, user: str) -> Json:
        user = user if user in MEMBERS else next(iter(MEMBERS))
        name = MEMBERS[user][0]
        return {
            "type": "block_actions",
            "user": {"id": user, "username": name, "name": name, "team_id": SLACK_TEAM},
            "api_app_id": SLACK_APP,
            "token": "deprecated",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": SLACK_CHANNEL,
                "is_ephemeral": False,
            },
            "trigger_id": f"{message['ts']}.{secrets.token_hex(8)}",
            "team": {"id": SLACK_TEAM, "domain": "sandbox"},
            "channel": {"id": SLACK_CHANNEL, "name": NAME},
            "message": message,
        }

    def _send(self, payload: Json) -> Json:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        url = self._kit.config.hook("slack/interactivity")
        post = Post(
            "slack", url, "click", lambda: signed(self._kit, body), attempts=1, timeout=PATIENCE
        )
        return self._kit.courier.send(post)

    def _response_token(self, ts: str) -> str:
        token = secrets.token_hex(12)
        self._urls[token] = (ts, self._kit.clock.now() + LIFETIME, USES)
        return token

    def respond(self, token: str, body: Json) -> None:
        """A response_url works five times within half an hour."""
        ts, until, left = self._urls.get(token, ("", self._kit.clock.now(), 0))
        if left == 0 or until <= self._kit.clock.now():
            raise refusal("used_url" if ts else "expired_url")
        self._urls[token] = (ts, until, left - 1)
        if body.get("delete_original"):
            self._channel.messages.remove(self._channel.find(ts))
        elif body.get("replace_original"):
            self._channel.update({**body, "channel": SLACK_CHANNEL, "ts": ts})
        else:
            self._channel.post({**body, "channel": SLACK_CHANNEL})


def _said(element: Json, picked: str) -> Json:
    """A button says its value; a menu says which of its options was picked."""
    if element["type"] != "static_select":
        return {"text": element.get("text"), "value": element.get("value", "")}
    option = next((one for one in element["options"] if one["value"] == picked), None)
    if option is None:
        raise refusal("option_not_found")
    return {"placeholder": element["placeholder"], "selected_option": option}


def signed(kit: Kit, body: bytes) -> tuple[dict[str, str], bytes]:
    stamp = str(int(kit.clock.timestamp()))
    base = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(kit.secrets.slack_signing_secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }, body
