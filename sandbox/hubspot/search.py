"""HubSpot's search: groups of filters, one order, pages to ten thousand; and its list of records."""

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.portal import Portal
from sandbox.hubspot.wire import TIMES, Record, read_time, refusal, shown, stamp
from sandbox.wire import Json

MOST = 10_000
DATES = {*TIMES, "hs_lastmodifieddate", "hs_createdate"}
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
}


def search(portal: Portal, kind: str, body: Json) -> Json:
    limit, first = int(body.get("limit", 10)), int(body.get("after") or 0)
    if not 0 < limit <= 200 or first + limit > MOST:
        raise refusal(400, "VALIDATION_ERROR", "the page is too large or too far")
    groups = body.get("filterGroups") or []
    found = [one for one in portal.of(kind) if _matches(one, groups)]
    for order in body.get("sorts") or []:
        name = order["propertyName"] if isinstance(order, dict) else str(order)
        found.sort(key=lambda one: str(_value(one, name) or ""))
    wanted = ",".join(body.get("properties") or ["hs_object_id"])
    return {"total": len(found), **paged([shown(one, wanted) for one in found], first, limit)}


def paged(rows: list[Json], first: int, limit: int) -> Json:
    following = first + limit
    paging = {"paging": {"next": {"after": str(following)}}} if following < len(rows) else {}
    return {"results": rows[first:following], **paging}


def _matches(one: Record, groups: list[Json]) -> bool:
    """Any group, and in it every filter."""
    return not groups or any(all(_holds(one, f) for f in g["filters"]) for g in groups)


def _holds(one: Record, asked: Json) -> bool:
    name, sign = asked["propertyName"], SIGNS.get(asked["operator"])
    if sign is None:
        raise refusal(400, "VALIDATION_ERROR", "the operator is not emulated")
    value = _value(one, name)
    if value is None:
        return False
    if name in DATES:
        return sign(read_time(value), read_time(asked["value"]))
    return sign(str(value).lower(), str(asked["value"]).lower())


def _value(one: Record, name: str) -> str | None:
    if name == "hs_lastmodifieddate":
        return stamp(one.changed)
    return one.id if name == "hs_object_id" else one.properties.get(name)
