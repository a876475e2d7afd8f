"""GraphQL over our HTTP client: Jobber refuses with status 200, and throttles by what a query costs."""

import math
from collections.abc import Iterator
from typing import Any

from connectors.errors import ConnectorError, Refused, TooMany, VendorFault
from connectors.http import LONGEST_WAIT, Http
from connectors.parsing import documented, short_code

Json = dict[str, Any]


class GraphQL:
    """`version` names the schema; an unknown one is silently served by the oldest that Jobber keeps."""

    def __init__(self, http: Http, version: str) -> None:
        self._http = http
        self._headers = {"X-JOBBER-GRAPHQL-VERSION": version}

    def ask(self, document: str, **variables: Any) -> Json:
        """The answer's `data`."""
        name = document.split("(")[0].split("{")[0].split()[1]
        body = {"query": document, "operationName": name, "variables": variables}
        answer = self._http.request("POST", "graphql", json=body, headers=self._headers)
        with documented():
            if answer.get("errors"):
                raise _refusal(answer)
            return dict(answer["data"])

    def change(self, document: str, field: str, **variables: Any) -> Json:
        """One mutation. Its `userErrors` are sentences, which are not repeated."""
        with documented():
            payload = dict(self.ask(document, **variables)[field])
            if payload["userErrors"]:
                raise Refused("the platform refused the change", code="user_error")
            return payload

    def pages(
        self, document: str, field: str, **variables: Any
    ) -> Iterator[tuple[list[Json], bool]]:
        """Each page's nodes and whether more follow."""
        cursor: str | None = None
        while True:
            with documented():
                page = self.ask(document, **variables, cursor=cursor)[field]
                more = bool(page["pageInfo"]["hasNextPage"])
                cursor = str(page["pageInfo"]["endCursor"])
                nodes = [dict(node) for node in page["nodes"]]
            yield nodes, more
            if not more:
                return


def _refusal(answer: Json) -> ConnectorError:
    """An answer without `data` was refused before anything ran (GraphQL specification, 7.1)."""
    first = answer["errors"][0]
    code = short_code((first.get("extensions") or {}).get("code"))
    if code == "THROTTLED":
        return TooMany("the query budget is used up", retry_after=_wait(answer))
    if "data" in answer:
        return VendorFault("the platform failed while it answered")
    return Refused("the platform refused the query", code=code)


def _wait(answer: Json) -> float | None:
    """Seconds until the leaky bucket holds what the query costs, where the answer tells."""
    cost = (answer.get("extensions") or {}).get("cost") or {}
    bucket = cost.get("throttleStatus") or {}
    try:
        lacking = float(cost["requestedQueryCost"]) - float(bucket["currentlyAvailable"])
        return float(min(max(math.ceil(lacking / float(bucket["restoreRate"])), 1), LONGEST_WAIT))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
