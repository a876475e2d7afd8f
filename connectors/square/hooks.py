"""Square's webhook subscription: found or made, switched on again, its signing key read from Square."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from connectors.contract import Watch
from connectors.errors import NotAllowed, Refused
from connectors.http import Http, after
from connectors.parsing import documented

NAME = "Rebook"
EVENTS = {"booking.created", "booking.updated"}
PATH = "v2/webhooks/subscriptions"


def ensure(http: Http, callback_url: str) -> Watch:
    """Square makes up the signing key itself, one a subscription, and tells it to its own application."""
    found = _found(http, callback_url)
    if found is None:
        return _watch(_made(http, callback_url), callback_url)
    with documented():
        number, events = str(found["id"]), set(found["event_types"])
    if not found.get("enabled") or not events >= EVENTS:
        mended = {"enabled": True, "event_types": sorted(events | EVENTS)}
        http.put(f"{PATH}/{number}", {"subscription": mended})
    return _watch(http.get(f"{PATH}/{number}"), callback_url)


def _found(http: Http, callback_url: str) -> Mapping[str, Any] | None:
    for page in http.pages(PATH, after("cursor"), include_disabled=True):
        with documented():
            for row in page.get("subscriptions") or []:
                if row["notification_url"] == callback_url:
                    return dict(row)
    return None


def _made(http: Http, callback_url: str) -> Any:
    wanted = {
        "name": NAME,
        "enabled": True,
        "event_types": sorted(EVENTS),
        "notification_url": callback_url,
    }
    try:
        return http.post(PATH, {"idempotency_key": str(uuid4()), "subscription": wanted})
    except NotAllowed:
        raise Refused(
            "the developer console has no subscription of this address, and this token may not make"
            " one",
            code="no_webhook",
        ) from None


def _watch(answer: Any, callback_url: str) -> Watch:
    with documented():
        told = answer["subscription"]
        return Watch(str(told["id"]), callback_url, secret=str(told.get("signature_key") or ""))
