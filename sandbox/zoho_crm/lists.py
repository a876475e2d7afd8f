"""Zoho's lists: fields that must be named, pages of 200, numbers up to the tenth page and tokens beyond."""

import re
from collections.abc import Callable
from datetime import datetime

from sandbox.wire import Json
from sandbox.zoho_crm.store import Store, instant, refusal

MOST_BY_NUMBER = 2000
CONDITION = re.compile(r"\(?([\w.]+):(equals|between):([^()]+)\)?")


def listed(store: Store, module: str, query: dict[str, str], since: str) -> Json | None:
    """None where nothing is in the list."""
    if not query.get("fields"):
        raise refusal(400, "REQUIRED_PARAM_MISSING")
    rows = [row for row in store.shown(module) if _wanted(row, query, since)]
    by = query.get("sort_by", "id")
    rows.sort(key=lambda row: (_sortable(row[by]), row["id"]))
    if query.get("sort_order") == "desc":
        rows.reverse()
    return _page(rows, query)


def _wanted(row: Json, query: dict[str, str], since: str) -> bool:
    if "ids" in query:
        return row["id"] in query["ids"].split(",")
    return not since or instant(row["Modified_Time"]) >= datetime.fromisoformat(since)


def _sortable(value: object) -> str:
    text = str(value)
    return f"{instant(text).timestamp():020.3f}" if "T" in text else text


def _page(rows: list[Json], query: dict[str, str]) -> Json | None:
    size = min(int(query.get("per_page", "200")), 200)
    token = query.get("page_token", "")
    at = int(token.removeprefix("t-")) if token else size * (int(query.get("page", "1")) - 1)
    if not token and at >= MOST_BY_NUMBER:
        raise refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    found, more = rows[at : at + size], at + size < len(rows)
    if not found:
        return None
    info = {
        "per_page": size,
        "count": len(found),
        "page": at // size + 1,
        "sort_by": query.get("sort_by", "id"),
        "sort_order": query.get("sort_order", "desc"),
        "more_records": more,
        "next_page_token": f"t-{at + size}" if more and at + size >= MOST_BY_NUMBER else None,
        "previous_page_token": None,
        "page_token_expiry": None,
    }
    return {"data": [chosen(row, query["fields"]) for row in found], "info": info}


def chosen(row: Json, fields: str) -> Json:
    names = dict.fromkeys(["id", *fields.split(",")])
    return {name: row.get(name) for name in names}


def searched(store: Store, module: str, query: dict[str, str]) -> Json | None:
    tests: list[Callable[[Json], bool]] = [
        _condition(*one) for one in CONDITION.findall(query.get("criteria", ""))
    ]
    if "email" in query:
        tests.append(lambda row: str(row.get("Email")).lower() == query["email"].lower())
    if "phone" in query:
        tests.append(lambda row: query["phone"] in (row.get("Phone"), row.get("Mobile")))
    rows = [row for row in store.shown(module) if tests and all(test(row) for test in tests)]
    return _page(rows, {"fields": "id", **query})


def _condition(name: str, how: str, value: str) -> Callable[[Json], bool]:
    first, _, inner = name.partition(".")
    if how == "equals":
        return lambda row: (row[first][inner] if inner else str(row[first])) == value
    low, _, high = value.partition(",")
    return lambda row: instant(low) <= instant(row[first]) <= instant(high)
