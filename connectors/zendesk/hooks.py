"""How Zendesk tells us: one webhook and one trigger that sends ids and fixed words, never free text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from connectors.contract import Watch
from connectors.errors import BadSignature, NotFound
from connectors.http import Http
from connectors.parsing import documented
from connectors.records import needed
from connectors.signatures import check_hmac_base64, require_recent

NAME = "Rebook"
TITLE = "Rebook: an appointment's status or time changed"


def check(given: str, timestamp: str, body: bytes, secrets: Sequence[bytes]) -> None:
    """base64(HMAC-SHA256(secret as it is written, timestamp + body)), an ISO time within five minutes.

    Zendesk documents no window: this one is ours, and what comes later is found by the export.
    """
    check_hmac_base64(given, timestamp.encode("utf-8", "surrogatepass") + body, secrets)
    try:
        read = datetime.fromisoformat(timestamp)
        seconds = int(read.timestamp()) if read.tzinfo else -1
    except (ValueError, OverflowError):
        raise BadSignature("the timestamp is not an ISO time") from None
    require_recent(str(seconds))


def ensure(
    http: Http, settings: Mapping[str, str], callback_url: str, current: Watch | None
) -> Watch:
    """Webhook, then trigger; those we know, or those that look like ours, before any is made.

    Zendesk makes up the signing secret itself, and tells it whenever it is asked.
    """
    webhook = _webhook(http, callback_url, current)
    trigger = _trigger(http, _wanted(settings, webhook), current)
    if current and current.id != webhook:
        with suppress(NotFound):
            http.delete(f"webhooks/{current.id}")
    with documented():
        signing = str(http.get(f"webhooks/{webhook}/signing_secret")["signing_secret"]["secret"])
    return Watch(id=webhook, resource=trigger, secret=signing)


def _webhook(http: Http, callback_url: str, current: Watch | None) -> str:
    for known in _webhooks(http, current):
        with documented():
            if known["endpoint"] == callback_url and known["status"] == "active":
                return str(known["id"])
    body = {
        "name": NAME,
        "endpoint": callback_url,
        "http_method": "POST",
        "request_format": "json",
        "status": "active",
        "subscriptions": ["conditional_ticket_events"],
    }
    made = http.post("webhooks", {"webhook": body})
    with documented():
        return str(made["webhook"]["id"])


def _webhooks(http: Http, current: Watch | None) -> Iterator[Mapping[str, Any]]:
    """Ours by its id; the list has pages, and is asked only where that does not help."""
    if current:
        with suppress(NotFound), documented():
            yield dict(http.get(f"webhooks/{current.id}")["webhook"])
    with documented():
        yield from http.get("webhooks")["webhooks"]


def _trigger(http: Http, wanted: Mapping[str, Any], current: Watch | None) -> str:
    answer = _changed(http, current.resource, wanted) if current else None
    if answer is None:
        with documented():
            listed = http.get("triggers")["triggers"]
            known = [str(one["id"]) for one in listed if one["title"] == TITLE]
        answer = _changed(http, known[0], wanted) if known else None
    answer = answer or http.post("triggers", {"trigger": wanted})
    with documented():
        return str(answer["trigger"]["id"])


def _changed(http: Http, trigger: str, wanted: Mapping[str, Any]) -> Any:
    """None where there is no such trigger any more."""
    try:
        return http.put(f"triggers/{trigger}", {"trigger": wanted})
    except NotFound:
        return None


def _wanted(settings: Mapping[str, str], webhook: str) -> dict[str, Any]:
    """Values are not escaped by Zendesk: the body holds only what cannot break it."""
    status, time = needed(settings, "status_field"), needed(settings, "time_field")
    body = {
        "ticket_id": "{{ticket.id}}",
        "status": "{{ticket.ticket_field_" + status + "}}",
        "updated_at": "{{ticket.updated_at_with_timestamp}}",
    }
    changed = [
        {"field": f"custom_fields_{field}", "operator": "changed", "value": None}
        for field in (status, time)
    ]
    category = settings.get("trigger_category")
    return {
        "title": TITLE,
        "conditions": {"all": [], "any": changed},
        "actions": [{"field": "notification_webhook", "value": [webhook, json.dumps(body)]}],
        **({"category_id": category} if category else {}),
    }
