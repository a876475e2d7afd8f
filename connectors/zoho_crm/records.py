"""Zoho's records: lists by what was modified, writes that succeed or fail row by row."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from connectors.errors import ConnectorError, NotFound, Refused, TooMany
from connectors.http import Http
from connectors.parsing import documented, json_of, short_code

Row = dict[str, Any]

PER_PAGE = 200
AT_ONCE = 100
FIRST: Row = {"page": 1}
TOO_MANY = frozenset({"TOO_MANY_REQUESTS"})


class Plain(httpx.BaseTransport):
    """Two of Zoho's statuses say something else than they do elsewhere.

    304 is an empty list; 403 with the code NOT_ALLOWED is about this record, not about our rights.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if response.status_code == 304:
            response.status_code = 204
        if response.status_code == 403:
            response.read()
            if error_code(json_of(response.content)) == "NOT_ALLOWED":
                response.status_code = 400
        return response

    def close(self) -> None:
        self._inner.close()


def error_code(body: Any) -> str:
    """`{"code": ...}`, or the same in the first row of a write."""
    try:
        return short_code(body["code"] if "code" in body else body["data"][0]["code"])
    except (KeyError, TypeError, IndexError):
        return ""


class Records:
    def __init__(self, http: Http) -> None:
        self._http = http

    def one(self, module: str, record_id: str, fields: str) -> Row:
        rows = _rows(self._asked(f"{module}/{number(record_id)}", {"fields": fields}))
        if not rows:
            raise NotFound("the record is not there")
        return rows[0]

    def some(self, module: str, ids: list[str], fields: str) -> list[Row]:
        """Those of at most a hundred records that are there."""
        return _rows(
            self._asked(module, {"ids": ",".join(ids), "fields": fields, "per_page": PER_PAGE})
        )

    def search(self, module: str, fields: str, **query: str) -> list[Row]:
        """Every page of what is found."""
        found: list[Row] = []
        at: Row | None = FIRST
        while at is not None:
            asked = {"fields": fields, "per_page": PER_PAGE, **at, **query}
            answer = self._asked(f"{module}/search", asked)
            found += _rows(answer)
            at = _next(answer, at)
        return found

    def lists(
        self, module: str, fields: str, *, since: datetime | None = None, order: str = "asc"
    ) -> Iterator[list[Row]]:
        """By the time they were modified."""
        at: Row | None = FIRST
        while at is not None:
            rows, at = self.page(module, fields, at, since=since, order=order)
            yield rows

    def page(
        self, module: str, fields: str, at: Row, *, since: datetime | None, order: str = "asc"
    ) -> tuple[list[Row], Row | None]:
        """The rows of a page and where the next one is. Beyond 2,000 rows Zoho wants its token."""
        asked = {"sort_by": "Modified_Time", "sort_order": order, "per_page": PER_PAGE, **at}
        answer = self._asked(module, {"fields": fields, **asked}, since)
        return _rows(answer), _next(answer, at)

    def _asked(self, path: str, query: Row, since: datetime | None = None) -> Any:
        """Where Zoho has nothing it says so with its status, never with an empty success."""
        headers = {"If-Modified-Since": since.isoformat(timespec="seconds")} if since else {}
        response = self._http.send("GET", f"crm/v8/{path}", params=query, headers=headers)
        with documented():
            return {"data": []} if response.status_code == 204 else response.json()

    def create(self, module: str, row: Mapping[str, Any]) -> str:
        return _done(self._http.post(f"crm/v8/{module}", {"data": [dict(row)]}))

    def change(self, module: str, record_id: str, row: Mapping[str, Any]) -> None:
        body = {"data": [{"id": number(record_id), **row}]}
        _done(self._http.put(f"crm/v8/{module}", body))


def _rows(answer: Any) -> list[Row]:
    with documented():
        return [dict(row) for row in answer["data"]]


def _next(answer: Any, at: Row) -> Row | None:
    with documented():
        info = answer.get("info") or {}
        if not info.get("more_records"):
            return None
        token = info.get("next_page_token")
        return {"page_token": str(token)} if token else {"page": int(at["page"]) + 1}


def _done(answer: Any) -> str:
    """The id of the row that was written. A refused row comes with status 200 or 207."""
    with documented():
        row = answer["data"][0]
        if row["code"] != "SUCCESS":
            raise _refusal(short_code(row["code"]))
        return digits(row["details"]["id"])


def _refusal(code: str) -> ConnectorError:
    if code in TOO_MANY:
        return TooMany("the platform's limit is reached")
    return Refused("the platform refused the record", code=code)


def number(record_id: object) -> str:
    try:
        return digits(record_id)
    except ValueError:
        raise NotFound("not a record's id") from None


def digits(record_id: object) -> str:
    """Ids are digits, too long for a number in JSON."""
    if not isinstance(record_id, str) or not (record_id.isascii() and record_id.isdigit()):
        raise ValueError("not a record's id")
    return record_id
