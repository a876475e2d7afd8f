"""The staff channel: messages, threads, updates in place, buttons."""

import base64

from sandbox.credentials import SLACK_BOT, SLACK_BOT_USER, SLACK_CHANNEL, SLACK_TEAM
from sandbox.kit import Kit
from sandbox.slack.blocks import check_blocks, check_metadata
from sandbox.slack.errors import refusal
from sandbox.wire import Json, truth

LONGEST = 40_000
NAME = "front-desk"


class Channel:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.messages: list[Json] = []
        self._last = 0

    def _ts(self) -> str:
        """Unique and growing, even where two messages fall into one microsecond."""
        self._last = max(int(self.kit.clock.timestamp() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def check(self, channel: object) -> None:
        if channel not in (SLACK_CHANNEL, f"#{NAME}", NAME):
            raise refusal("channel_not_found")

    def find(self, ts: object) -> Json:
        for message in self.messages:
            if message["ts"] == ts:
                return message
        raise refusal("message_not_found")

    def post(self, args: Json) -> Json:
        self.check(args.get("channel"))
        message: Json = {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": SLACK_BOT,
            "user": SLACK_BOT_USER,
            "team": SLACK_TEAM,
            "ts": self._ts(),
            **_content(args),
        }
        if args.get("thread_ts"):
            message["thread_ts"] = self.find(args["thread_ts"])["ts"]
        self.messages.append(message)
        return message

    def update(self, args: Json) -> Json:
        """What is not sent again is lost: blocks as well as metadata are replaced."""
        self.check(args.get("channel"))
        message = self.find(args.get("ts"))
        content = _content(args)
        for name in ("text", "blocks", "metadata"):
            message.pop(name, None)
        message.update(content)
        message["edited"] = {"user": SLACK_BOT_USER, "ts": self._ts()}
        return message

    def history(self, args: Json) -> Json:
        """Newest first, without the replies in threads."""
        self.check(args.get("channel"))
        return _page([m for m in reversed(self.messages) if "thread_ts" not in m], args)

    def replies(self, args: Json) -> Json:
        """A message and the replies in its thread, oldest first."""
        self.check(args.get("channel"))
        ts = self.find(args.get("ts"))["ts"]
        return _page([m for m in self.messages if ts in (m["ts"], m.get("thread_ts"))], args)


def _page(messages: list[Json], args: Json) -> Json:
    size = min(max(_number(args.get("limit"), 100), 1), 999)
    found = [message for message in messages if _within(message, args)]
    start = _start(args.get("cursor"), found)
    shown = [_shown(m, args) for m in found[start : start + size]]
    more = start + size < len(found)
    cursor = _cursor(found[start + size]["ts"]) if more else ""
    return {
        "ok": True,
        "messages": shown,
        "has_more": more,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def _content(args: Json) -> Json:
    text = str(args.get("text") or "")
    if not text and not args.get("blocks"):
        raise refusal("no_text")
    if len(text) > LONGEST:
        raise refusal("msg_too_long")
    content: Json = {"text": text}
    if args.get("blocks"):
        content["blocks"] = check_blocks(args["blocks"])
    if args.get("metadata"):
        content["metadata"] = check_metadata(args["metadata"])
    return content


def _shown(message: Json, args: Json) -> Json:
    shown = dict(message)
    if "metadata" in shown and not truth(args.get("include_all_metadata")):
        shown["metadata"] = {"event_type": shown["metadata"]["event_type"]}
    return shown


def _within(message: Json, args: Json) -> bool:
    """`oldest` and `latest` are exclusive unless `inclusive` is set."""
    ts, inclusive = _moment(message["ts"]), truth(args.get("inclusive"))
    oldest, latest = _moment(args.get("oldest") or "0"), _moment(args.get("latest") or "9" * 12)
    return oldest < ts < latest or (inclusive and ts in (oldest, latest))


def _moment(ts: object) -> tuple[int, int]:
    whole, _, part = str(ts).partition(".")
    if not (whole.isascii() and whole.isdigit()) or (part and not part.isdigit()):
        raise refusal("invalid_ts_oldest")
    return int(whole), int(part.ljust(6, "0")[:6] or 0)


def _cursor(ts: str) -> str:
    return base64.b64encode(f"next_ts:{ts}".encode()).decode()


def _start(cursor: object, found: list[Json]) -> int:
    if not cursor:
        return 0
    cursors = [_cursor(message["ts"]) for message in found]
    if cursor not in cursors:
        raise refusal("invalid_cursor")
    return cursors.index(str(cursor))


def _number(value: object, default: int) -> int:
    text = str(value or default)
    if not (text.isascii() and text.isdigit()):
        raise refusal("invalid_arguments")
    return int(text)
