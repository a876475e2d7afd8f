"""Pipedrive's webhooks: HTTP Basic on every delivery, and nothing signed."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from connectors.contract import Watch
from connectors.errors import NotFound
from connectors.http import Http
from connectors.parsing import documented

USER = "rebook"
HOOKS = "v1/webhooks"


def basic(secret: bytes) -> bytes:
    return b"Basic " + base64.b64encode(USER.encode() + b":" + secret)


def meta(body: Any) -> dict[str, Any]:
    """What a delivery says about itself."""
    found = body.get("meta") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def ensure(http: Http, callback_url: str, secret: str) -> Watch:
    """One hook for all activities; those of ours that no longer serve are taken away."""
    with documented():
        hooks = [dict(hook) for hook in http.get(HOOKS)["data"]]
        ours = [hook for hook in hooks if hook["subscription_url"] == callback_url]
        good = [str(int(hook["id"])) for hook in ours if _serves(hook, secret)]
    kept = good[0] if good else _open(http, callback_url, secret)
    for hook in ours:
        if str(hook["id"]) != kept:
            with suppress(NotFound):
                http.delete(f"{HOOKS}/{hook['id']}")
    return Watch(kept, callback_url)


def _serves(hook: Mapping[str, Any], secret: str) -> bool:
    told = (hook.get("http_auth_user"), hook.get("http_auth_password"), hook.get("event_object"))
    return bool(hook.get("is_active")) and told == (USER, secret, "activity")


def _open(http: Http, callback_url: str, secret: str) -> str:
    wanted = {
        "subscription_url": callback_url,
        "event_action": "*",
        "event_object": "activity",
        "name": "Rebook",
        "http_auth_user": USER,
        "http_auth_password": secret,
        "version": "2.0",
    }
    made = http.post(HOOKS, wanted)
    with documented():
        return str(int(made["data"]["id"]))
