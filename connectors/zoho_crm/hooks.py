"""What calls us: Zoho's notifications, which carry a token, and our own function, which signs."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import StoredWebhook, Watch, WebhookRequest
from connectors.errors import NotFound, Refused, VendorFault
from connectors.http import Http
from connectors.parsing import MALFORMED, documented, instant, json_of
from connectors.signatures import check_dotted_hmac, check_shared_secret, usable
from connectors.zoho_crm.records import number
from rebook.domain import clock
from rebook.domain.appointments import Change, ChangeKind

FUNCTION = "function"
WATCH = "crm/v8/actions/watch"
A_WEEK = timedelta(days=7) - timedelta(minutes=5)
"""Zoho gives an hour to a channel that asks for more than a week."""

KINDS: Mapping[str, ChangeKind] = {
    "insert": ChangeKind.BOOKED,
    "update": ChangeKind.MOVED,
    "delete": ChangeKind.CANCELLED,
    "function.Cancelled": ChangeKind.CANCELLED,
    "function.Overdue": ChangeKind.NOSHOW,
}


def token_of(secret: bytes) -> str:
    """What a channel repeats in each call: fewer than 50 letters, and not the secret itself."""
    return hashlib.sha256(b"zoho channel:" + secret).hexdigest()[:48]


def check(request: WebhookRequest, secrets: Sequence[bytes]) -> None:
    if request.kind == FUNCTION:
        signature = request.header("x-rebook-signature")
        stamp = request.header("x-rebook-timestamp")
        check_dotted_hmac([signature], stamp, request.body, secrets)
        return
    body = json_of(request.body)
    token = body.get("token") if isinstance(body, dict) else None
    expected = [token_of(secret).encode() for secret in usable(secrets)]
    check_shared_secret(token if isinstance(token, str) else "", expected)


def changes(stored: StoredWebhook, module: str) -> list[Change]:
    """Many records in one notification, one in a call of the function; data in neither."""
    body = json_of(stored.body)
    try:
        if body["module"] != module:
            return []
        if stored.kind == FUNCTION:
            kind = KINDS.get(f"function.{body.get('status')}", ChangeKind.MOVED)
            stamp = int(stored.headers.get("x-rebook-timestamp", ""))
            return [Change(kind, number(body["id"]), datetime.fromtimestamp(stamp, UTC))]
        kind, at = KINDS[body["operation"]], datetime.fromtimestamp(body["server_time"] / 1000, UTC)
        return [Change(kind, number(one), at) for one in body["ids"]]
    except (*MALFORMED, OSError, NotFound):
        return []


def ensure(http: Http, module: str, callback_url: str, secret: str, current: Watch | None) -> Watch:
    """Replace the channel that there is; one that Zoho no longer knows is opened anew."""
    expiry = (clock.now() + A_WEEK).astimezone(UTC).isoformat(timespec="seconds")
    wanted: dict[str, Any] = {
        "events": [f"{module}.all"],
        "notify_url": callback_url,
        "token": token_of(secret.encode()),
        "channel_expiry": expiry,
        "return_affected_field_values": False,
    }
    if current:
        try:
            return _told(http.put(WATCH, {"watch": [{"channel_id": current.id, **wanted}]}))
        except (NotFound, Refused):
            pass
    fresh = str(int(clock.now().timestamp() * 1000))
    return _told(http.post(WATCH, {"watch": [{"channel_id": fresh, **wanted}]}))


def _told(answer: Any) -> Watch:
    """Zoho shortens an expiry it does not like without a word: what it says counts."""
    with documented():
        row = answer["watch"][0]
        if row["code"] != "SUCCESS":
            raise Refused("the channel was refused", code="channel")
        event = row["details"]["events"][0]
        channel = str(event["channel_id"])
        if not channel.isdigit():
            raise VendorFault("the channel has no number")
        return Watch(channel, str(event["resource_name"]), instant(event["channel_expiry"]))
