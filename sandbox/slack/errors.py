"""Slack says no with HTTP 200 and `ok: false`."""

from sandbox.wire import Refusal


def refusal(error: str) -> Refusal:
    return Refusal(200, {"ok": False, "error": error})
