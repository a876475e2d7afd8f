"""HubSpot's webhooks: lists of events of an app, or one record that a workflow sends along."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.hubspot import wire
from connectors.hubspot.wire import Names
from connectors.parsing import json_of
from rebook.domain.appointments import Change, ChangeKind

KINDS: Mapping[str, ChangeKind] = {
    "object.creation": ChangeKind.BOOKED,
    "object.deletion": ChangeKind.CANCELLED,
    "object.restore": ChangeKind.BOOKED,
    "object.propertyChange": ChangeKind.MOVED,
}
IDENTITY = ("eventId", "subscriptionId", "objectId", "occurredAt")


def key(body: bytes) -> str | None:
    """Event ids alone are not unique. A retry brings the same list again."""
    told = [[event.get(name) for name in IDENTITY] for event in _events(body)]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32] if told else None


def portals(body: bytes) -> set[str]:
    """Whose events they are: one app, and its one secret, may serve several accounts."""
    return {str(event["portalId"]) for event in _events(body) if "portalId" in event}


def changes(body: bytes, names: Names, app_id: str) -> list[Change]:
    """Each says only which record to read: they come late and in any order."""
    read = [_change(event, names, app_id) for event in _events(body)]
    if not read:
        read = [_of_a_workflow(json_of(body), names)]
    return [change for change in read if change is not None]


def _events(body: bytes) -> list[Mapping[str, Any]]:
    told = json_of(body)
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _change(event: Mapping[str, Any], names: Names, app_id: str) -> Change | None:
    kind = KINDS.get(str(event.get("subscriptionType")))
    number = str(event.get("objectId"))
    if kind is None or event.get("objectTypeId") != names.type_id or not _is_id(number):
        return None
    if _is_our_own(event, app_id):
        return None
    if event.get("propertyName") == names.status:
        kind = wire.KINDS[names.status_of(event.get("propertyValue"))]
    return Change(kind, number, _moment(event.get("occurredAt")))


def _is_our_own(event: Mapping[str, Any], app_id: str) -> bool:
    """What our own app wrote comes back to it."""
    source = str(event.get("sourceId") or "")
    return bool(app_id) and event.get("changeSource") == "INTEGRATION" and app_id in source


def _of_a_workflow(told: Any, names: Names) -> Change | None:
    """A workflow sends the properties an admin chose; the record's id must be among them."""
    if not isinstance(told, dict):
        return None
    given = told.get("properties")
    found = {**told, **given} if isinstance(given, dict) else told
    number = str(found.get("hs_object_id") or found.get("objectId") or "")
    if not _is_id(number):
        return None
    return Change(wire.KINDS[names.status_of(found.get(names.status))], number)


def _is_id(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 20


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int) or not 0 < value < 10**14:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)
