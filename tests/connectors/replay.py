"""Recorded exchanges: `http/<name>.json` lists what is asked of a vendor and what it answers, in order."""

import json
from pathlib import Path
from typing import Any

from tests.connectors import specs
from tests.connectors.kits import KITS
from tests.connectors.vendor import Received, Reply, Vendor

HERE = Path(__file__).parent


def load(slug: str, name: str) -> list[dict[str, Any]]:
    exchanges: list[dict[str, Any]] = json.loads(
        (HERE / slug / "http" / f"{name}.json").read_text()
    )
    return exchanges


class Replay:
    """Answers in the order of the exchanges, and holds each request against them and the spec."""

    def __init__(self, slug: str, vendor: Vendor, exchanges: list[dict[str, Any]]) -> None:
        self._slug = slug
        self._left = list(exchanges)
        self.faults: list[str] = []
        vendor.answer = self._answer

    def _answer(self, request: Received) -> Reply:
        if not self._left:
            self.faults.append(f"not expected: {request.method} {request.path}")
            return Reply(599)
        exchange = self._left.pop(0)
        self._compare(exchange["request"], request)
        response = exchange["response"]
        return Reply(response.get("status", 200), response.get("body"), response.get("headers", {}))

    def _compare(self, wanted: dict[str, Any], request: Received) -> None:
        seen = {
            "method": request.method,
            "path": request.path.removeprefix(KITS[self._slug].path),
            "query": {name: ",".join(values) for name, values in request.query.items()},
            "body": _body(request),
        }
        expected = {"query": {}, "body": None, **wanted}
        headers = expected.pop("headers", {})
        if seen != expected:
            self.faults.append(f"expected {expected}, saw {seen}")
        for name, value in headers.items():
            if request.headers.get(name) != value:
                self.faults.append(f"expected the header {name} to be {value}")
        self.faults += specs.faults(self._slug, request)

    def finished(self) -> bool:
        """Every exchange took place as it was written."""
        assert self.faults == [], self.faults
        assert self._left == [], "the connector asked for less than was written"
        return True


def replay(slug: str, vendor: Vendor, name: str) -> Replay:
    return Replay(slug, vendor, load(slug, name))


def _body(request: Received) -> Any:
    """As it is in the recordings: a form as an object, a GraphQL query by its name alone.

    The text of a query is held against the schema instead.
    """
    kind = request.headers.get("content-type", "")
    if request.body and kind.startswith("application/x-www-form-urlencoded"):
        return {name: ",".join(values) for name, values in request.form.items()}
    body = request.json
    if isinstance(body, dict) and "operationName" in body:
        return {name: value for name, value in body.items() if name != "query"}
    return body
