"""What an event's body must be, how a patch is merged, and how etags read."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.google_calendar.errors import invalid, refusal
from sandbox.wire import Json

OWN_ID = re.compile(r"[a-v0-9]{5,1024}")
STATUSES = {"confirmed", "tentative", "cancelled"}
READ_ONLY = {"id", "etag", "kind", "created", "updated", "htmlLink", "iCalUID", "sequence"}


def instant(value: object, zone: str | None = None, location: str = "") -> datetime:
    """An RFC 3339 time; without an offset it needs a zone."""
    try:
        parsed = datetime.fromisoformat(str(value))
        if parsed.tzinfo is None and zone:
            parsed = parsed.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise invalid("Invalid value for a time.", location) from None
    if parsed.tzinfo is None:
        raise invalid("Missing time zone definition.", location)
    return parsed.astimezone(UTC)


def edge(event: Json, name: str) -> datetime:
    """The start or the end of an event as an instant; all-day edges are midnights in UTC."""
    value = event.get(name)
    if not isinstance(value, dict):
        raise refusal(400, "required", f"Missing {name} time.")
    if value.get("dateTime"):
        return instant(value["dateTime"], value.get("timeZone"))
    try:
        day = date.fromisoformat(str(value.get("date")))
    except ValueError:
        raise refusal(400, "required", f"Missing {name} time.") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def check(event: Json) -> None:
    if edge(event, "end") < edge(event, "start"):
        raise refusal(
            400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar"
        )
    if event.get("status", "confirmed") not in STATUSES:
        raise invalid("Invalid value for status.")


def check_id(event_id: object) -> str:
    if not isinstance(event_id, str) or not OWN_ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")
    return event_id


def merge(old: Json, patch: Json) -> Json:
    """Objects are merged, arrays and plain values replaced, null removes."""
    merged = dict(old)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = merge(merged[name], value)
        else:
            merged[name] = value
    return merged


def writable(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in READ_ONLY}


def is_busy(event: Json) -> bool:
    return bool(event["status"] != "cancelled" and event.get("transparency", "opaque") == "opaque")
