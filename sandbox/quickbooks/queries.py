"""The little of QuickBooks' query language that is served: one entity, conditions joined by AND."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.quickbooks.wire import refusal
from sandbox.wire import Json

QUERY = re.compile(
    r"select \* from (?P<entity>\w+)(?: where (?P<where>.+?))?(?: orderby (?P<by>[\w.]+))?"
    r"(?: startposition (?P<start>\d+))?(?: maxresults (?P<most>\d+))?",
    re.IGNORECASE,
)
ONE = re.compile(r"([\w.]+)\s*(>=|<=|>|<|=| in )\s*('[^']*'|\([^)]*\)|\w+)", re.IGNORECASE)
MOST = 1000


def run(query: str, tables: dict[str, list[Json]]) -> Json:
    """The query response. An empty one names no entity."""
    found = QUERY.fullmatch(query.strip())
    entity = found["entity"].capitalize() if found else ""
    if found is None or entity not in tables:
        raise refusal(400, "4000", "Error parsing query")
    tests = [_test(part) for part in _parts(found["where"])]
    if entity == "Customer" and not any("Active" in part for part in _parts(found["where"])):
        tests.append(lambda row: bool(row["Active"]))
    rows = [row for row in tables[entity] if all(test(row) for test in tests)]
    by = found["by"]
    rows.sort(key=lambda row: _comparable(_value(row, by or "Id")))
    start, most = int(found["start"] or 1), int(found["most"] or 100)
    if start < 1 or not 0 < most <= MOST:
        raise refusal(400, "4001", "The page is out of range")
    part = rows[start - 1 : start - 1 + most]
    return {entity: part, "startPosition": start, "maxResults": len(part)} if part else {}


def _parts(where: str | None) -> list[str]:
    return re.split(r" and (?![^(]*\))", where, flags=re.IGNORECASE) if where else []


def _test(part: str) -> Callable[[Json], bool]:
    found = ONE.fullmatch(part.strip())
    if found is None:
        raise refusal(400, "4000", "Error parsing query")
    name, operator, literal = found[1], found[2].strip().lower(), found[3]
    if operator == "in":
        wanted = {_literal(one) for one in literal.strip("()").split(",")}
        return lambda row: _text(_value(row, name)) in wanted
    value = _comparable(_literal(literal))
    compare: dict[str, Callable[[Any], bool]] = {
        ">": lambda there: bool(there > value),
        ">=": lambda there: bool(there >= value),
        "<": lambda there: bool(there < value),
        "<=": lambda there: bool(there <= value),
        "=": lambda there: bool(there == value),
    }
    return lambda row: compare[operator](_comparable(_value(row, name)))


def _literal(text: str) -> str:
    return text.strip().strip("'")


def _value(row: Json, name: str) -> Any:
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _comparable(value: Any) -> tuple[int, float, str]:
    """Instants, then numbers, then text."""
    text = _text(value)
    try:
        return (0, datetime.fromisoformat(text).timestamp(), "") if "T" in text else _number(text)
    except ValueError:
        return (2, 0.0, text)


def _number(text: str) -> tuple[int, float, str]:
    return (1, float(text), "")
