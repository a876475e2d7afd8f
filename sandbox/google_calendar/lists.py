"""Google's events list: filters, pages, and sync tokens that remember the filters they began with."""

import base64
import json
from datetime import timedelta
from hashlib import sha256

from sandbox.google_calendar import events as shape
from sandbox.google_calendar.errors import invalid, refusal
from sandbox.google_calendar.store import Calendar, Store
from sandbox.wire import Json, truth

NOT_WITH_SYNC = [
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty",
    "timeMin", "timeMax", "updatedMin",
]  # fmt: skip
FREE_TO_CHANGE = {"syncToken", "pageToken", "maxResults", "alt", "prettyPrint", "fields"}
Query = list[tuple[str, str]]


def events_page(store: Store, calendar: Calendar, query: Query) -> Json:
    one = dict(query)
    print_ = _fingerprint(calendar.id, query)
    since = _since(store, one, print_)
    until, offset = _position(store, one)
    found = _changed(calendar, since) if since is not None else _matching(calendar, query)
    size = _size(one.get("maxResults"))
    page: Json = {
        "kind": "calendar#events",
        "etag": f'"p{store.last_write}"',
        "summary": calendar.name,
        "description": "",
        "updated": max((e["updated"] for e in calendar.events.values()), default=""),
        "timeZone": store.kit.zone_name,
        "accessRole": "owner",
        "defaultReminders": [],
        "items": found[offset : offset + size],
    }
    if offset + size < len(found):
        page["nextPageToken"] = _pack({"u": until, "o": offset + size})
    else:
        page["nextSyncToken"] = _pack({"e": store.epoch, "w": until, "f": print_})
    return page


def _since(store: Store, one: dict[str, str], print_: str) -> int | None:
    """The write number a sync token stands for, or None in a full list."""
    if "syncToken" not in one:
        return None
    for name in NOT_WITH_SYNC:
        if name in one:
            raise invalid(f"Sync token cannot be used with {name}.", name)
    if one.get("showDeleted") == "false":
        raise invalid("Sync token cannot be used with showDeleted=false.", "showDeleted")
    token = _unpack(one["syncToken"])
    if token.get("e") != store.epoch:
        raise refusal(
            410,
            "fullSyncRequired",
            "Sync token is no longer valid, a full sync is required.",
            domain="calendar",
            location="syncToken",
        )
    if token.get("f") != print_:
        raise invalid("The request's parameters differ from the initial sync.", "syncToken")
    return int(token["w"])


def _position(store: Store, one: dict[str, str]) -> tuple[int, int]:
    """The sync point of the first page holds for all: what changes while paging comes again."""
    if "pageToken" not in one:
        return store.last_write, 0
    token = _unpack(one["pageToken"])
    if not token.keys() >= {"u", "o"}:
        raise invalid("Invalid page token value.", "pageToken")
    return int(token["u"]), int(token["o"])


def _changed(calendar: Calendar, since: int) -> list[Json]:
    fresh = sorted((number, id_) for id_, number in calendar.written.items() if number > since)
    return [calendar.events[id_] for _, id_ in fresh]


def _matching(calendar: Calendar, query: Query) -> list[Json]:
    one = dict(query)
    deleted = truth(one.get("showDeleted")) or "updatedMin" in one
    found = [e for e in calendar.events.values() if deleted or e["status"] != "cancelled"]
    found = [e for e in found if _in_range(e, one) and _has_properties(e, query)]
    order = one.get("orderBy")
    if order == "startTime" and not truth(one.get("singleEvents")):
        raise invalid("The requested ordering needs singleEvents.", "orderBy")
    if order:
        found.sort(key=lambda e: e["updated"] if order == "updated" else shape.edge(e, "start"))
    return found


def _in_range(event: Json, one: dict[str, str]) -> bool:
    if "timeMin" in one and shape.edge(event, "end") <= shape.instant(
        one["timeMin"], None, "timeMin"
    ):
        return False
    if "timeMax" in one and shape.edge(event, "start") >= shape.instant(
        one["timeMax"], None, "timeMax"
    ):
        return False
    if "updatedMin" in one:
        least = shape.instant(one["updatedMin"], None, "updatedMin")
        if shape.instant(event["updated"]) < least - timedelta(milliseconds=1):
            return False
    text = json.dumps([event.get("summary"), event.get("description")], ensure_ascii=False)
    return one.get("q", "").lower() in text.lower() and one.get("iCalUID") in (
        None,
        event["iCalUID"],
    )


def _has_properties(event: Json, query: Query) -> bool:
    for parameter, kind in (
        ("privateExtendedProperty", "private"),
        ("sharedExtendedProperty", "shared"),
    ):
        own = (event.get("extendedProperties") or {}).get(kind) or {}
        for wanted in (value for name, value in query if name == parameter):
            key, _, value = wanted.partition("=")
            if own.get(key) != value:
                return False
    return True


def _size(text: str | None) -> int:
    if text is None:
        return 250
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise invalid("Invalid value for maxResults.", "maxResults")
    return min(int(text), 2500)


def _fingerprint(calendar_id: str, query: Query) -> str:
    ignored = FREE_TO_CHANGE | set(NOT_WITH_SYNC) | {"showDeleted"}
    kept = sorted(pair for pair in query if pair[0] not in ignored)
    return sha256(json.dumps([calendar_id, kept]).encode()).hexdigest()[:12]


def _pack(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=") + "="


def _unpack(token: str) -> Json:
    try:
        padded = token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4)
        value = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
