"""Calendly's webhook subscription: one for an address, made anew where it was switched off."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from connectors.calendly import wire
from connectors.contract import Watch
from connectors.errors import NotFound
from connectors.http import Http
from connectors.parsing import documented

EVENTS = (
    "invitee.created",
    "invitee.canceled",
    "invitee_no_show.created",
    "invitee_no_show.deleted",
)


def keep(
    http: Http,
    hooks: Iterable[Mapping[str, Any]],
    owner: Mapping[str, str],
    callback_url: str,
    secret: str,
    current: Watch | None,
    *,
    of_app: bool,
) -> Watch:
    """Calendly disables a hook that failed for a day; and it never tells the key it signs with.

    Of an application it signs with the application's own key, and takes no other.
    """
    mark = hashlib.sha256(f"{callback_url} {secret}".encode()).hexdigest()[:12]
    signs_so = current.id if current and current.resource == mark else ""
    for hook in hooks:
        with documented():
            own, url = wire.last_part(hook["uri"]), str(hook["callback_url"])
            state, events = hook["state"], set(hook["events"])
        if own == signs_so and state == "active" and events >= set(EVENTS) and url == callback_url:
            return Watch(id=own, resource=mark)
        if url == callback_url or (current and own == current.id):
            with suppress(NotFound):
                http.delete(f"webhook_subscriptions/{own}")
    key = {} if of_app else {"signing_key": secret}
    body = {"url": callback_url, "events": list(EVENTS), **key, **owner}
    made = http.post("webhook_subscriptions", body)
    with documented():
        return Watch(id=wire.last_part(made["resource"]["uri"]), resource=mark)
