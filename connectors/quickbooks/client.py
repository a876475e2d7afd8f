"""QuickBooks over HTTP: a fault may come with any status, 200 too, and its code says what it means."""

from typing import Any

from connectors.errors import Conflict, ConnectorError, NotAllowed, NotFound, Refused, TooMany
from connectors.http import Http
from connectors.parsing import short_code

MINOR_VERSION = 75
THROTTLED = frozenset({"003001", "3001"})
WAIT = 60.0
"""Intuit sends no Retry-After; its documentation says a minute."""


class Books(Http):
    """One company. Every call names the minor version that it was written for."""

    def request(self, method: str, path: str, **parts: Any) -> Any:
        query = {"minorversion": MINOR_VERSION, **(parts.pop("query", None) or {})}
        try:
            answer = super().request(method, path, query=query, **parts)
        except Refused as refused:
            raise meaning(refused.code) from None
        except TooMany as limited:
            raise TooMany(str(limited), retry_after=limited.retry_after or WAIT) from None
        if is_fault(answer):
            raise meaning(error_code(answer))
        return answer


def is_fault(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer.keys() & {"Fault", "fault"})


def meaning(code: str) -> ConnectorError:
    """610 is an object that is not there, 5010 one that somebody else changed since it was read."""
    what = f"QuickBooks refused, code {code}" if code else "QuickBooks refused"
    match code:
        case "610":
            return NotFound(what)
        case "5010":
            return Conflict(what)
        case "120" | "3200":
            return NotAllowed(what)
        case _ if code in THROTTLED:
            return TooMany(what, retry_after=WAIT)
        case _:
            return Refused(what, code=code)


def error_code(body: Any) -> str:
    """`{"Fault": {"Error": [{"code"}]}}`, or all in lower case; messages are dropped."""
    try:
        fault = body.get("Fault") or body["fault"]
        return short_code((fault.get("Error") or fault["error"])[0]["code"])
    except (AttributeError, KeyError, IndexError, TypeError):
        return ""
