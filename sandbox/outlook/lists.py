"""Lists of events: a view of some hours, and the delta list whose window is fixed in its token."""

import base64
import json
import re
from datetime import UTC, datetime
from urllib.parse import quote

from sandbox.outlook.errors import invalid, refusal
from sandbox.outlook.store import Mailbox, Store, moment
from sandbox.wire import Json

Query = dict[str, str]
CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#Collection(event)"
PAGE = re.compile(r"odata\.maxpagesize=(\d{1,4})")


def size(prefer: str) -> int:
    asked = PAGE.search(prefer)
    return max(1, min(int(asked.group(1)), 500)) if asked else 10


def view(mailbox: Mailbox, query: Query, base: str, most: int) -> Json:
    """`$skip` stands in the next link alone, which is opaque."""
    starts, ends = _window(query)
    found = [e for e in mailbox.events.values() if _within(e, starts, ends)]
    found.sort(key=lambda event: moment(event["start"]))
    most = min(most, int(query["$top"])) if query.get("$top", "").isdigit() else most
    skip = int(query["$skip"]) if query.get("$skip", "").isdigit() else 0
    page: Json = {"@odata.context": CONTEXT, "value": found[skip : skip + most]}
    if skip + most < len(found):
        window = "&".join(f"{n}={quote(query[n])}" for n in ("startDateTime", "endDateTime"))
        page["@odata.nextLink"] = f"{base}?{window}&$top={most}&$skip={skip + most}"
    return page


def delta(store: Store, mailbox: Mailbox, query: Query, base: str, most: int) -> Json:
    """A full list of the window, or what was written since a token; both end with a token."""
    if "$select" in query or "$filter" in query:
        raise invalid("The query parameter is not supported by delta of a calendar view.")
    state = _state(store, query)
    starts, ends = (datetime.fromisoformat(state[name]) for name in ("s", "e"))
    if state["w"] is None:
        ids = [k for k, e in mailbox.events.items() if _within(e, starts, ends)]
    else:
        fresh = sorted((n, k) for k, n in mailbox.written.items() if state["w"] < n <= state["u"])
        ids = [event_id for _number, event_id in fresh]
    offset = state["o"]
    rows = [_row(mailbox, one, starts, ends) for one in ids[offset : offset + most]]
    page: Json = {"@odata.context": CONTEXT, "value": rows}
    if offset + most < len(ids):
        token = _pack({**state, "o": offset + most})
        page["@odata.nextLink"] = f"{base}?$skiptoken={token}"
    else:
        token = _pack({**state, "w": state["u"], "u": None, "o": 0})
        page["@odata.deltaLink"] = f"{base}?$deltatoken={token}"
    return page


def _state(store: Store, query: Query) -> Json:
    given = query.get("$deltatoken") or query.get("$skiptoken")
    if given is None:
        starts, ends = _window(query)
        window = {"s": starts.isoformat(), "e": ends.isoformat(), "ep": store.epoch}
        return {**window, "w": None, "u": store.last_write, "o": 0}
    state = _unpack(given)
    if state.get("ep") != store.epoch:
        raise refusal(410, "SyncStateNotFound", "The sync state is not known: start anew.")
    return {**state, "u": store.last_write if state["u"] is None else state["u"]}


def _row(mailbox: Mailbox, event_id: str, starts: datetime, ends: datetime) -> Json:
    """What left the window reads as removed, like what was deleted."""
    event = mailbox.events.get(event_id)
    if event is None:
        return {"id": event_id, "@removed": {"reason": "deleted"}}
    if not _within(event, starts, ends):
        return {"id": event_id, "@removed": {"reason": "changed"}}
    return {"@odata.type": "#microsoft.graph.event", **event}


def _within(event: Json, starts: datetime, ends: datetime) -> bool:
    return moment(event["start"]) < ends and moment(event["end"]) > starts


def _window(query: Query) -> tuple[datetime, datetime]:
    try:
        starts, ends = (datetime.fromisoformat(query[n]) for n in ("startDateTime", "endDateTime"))
    except (KeyError, ValueError):
        raise invalid("The window needs startDateTime and endDateTime.") from None
    edges = [x if x.tzinfo else x.replace(tzinfo=UTC) for x in (starts, ends)]
    return edges[0], edges[1]


def schedule(mailbox: Mailbox, starts: datetime, ends: datetime) -> Json:
    taken = [
        e for e in mailbox.events.values() if _within(e, starts, ends) and e["showAs"] != "free"
    ]
    items = [
        {"status": e["showAs"], "subject": e["subject"], "start": e["start"], "end": e["end"]}
        for e in sorted(taken, key=lambda event: moment(event["start"]))
    ]
    return {"scheduleId": mailbox.address, "availabilityView": "", "scheduleItems": items}


def _pack(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unpack(token: str) -> Json:
    try:
        value = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
