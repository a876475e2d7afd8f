"""Slack's SDK on our HTTP client: it words the requests, and retries, redirects and logs nothing."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from connectors.errors import (
    ConnectorError,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
    VendorFault,
)
from connectors.http import Http
from connectors.parsing import json_of, short_code

# A logger of its own, without handlers: the SDK logs whole messages at DEBUG and ERROR.
SILENT = logging.Logger("slack", logging.CRITICAL + 1)

TOO_MANY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
NOT_ALLOWED = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
NOT_FOUND = frozenset({"message_not_found", "thread_not_found"})
FAULTS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})


class OnOurHttp(WebClient):
    """The SDK's client with one thing replaced: how an encoded request travels."""

    def __init__(self, http: Http, token: str) -> None:
        super().__init__(token, base_url=f"{http.base_url}/", retry_handlers=[], logger=SILENT)
        self._http = http

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        answer = self._http.send(
            "POST", url, content=req.data, headers={k: str(v) for k, v in req.header_items()}
        )
        if not isinstance(json_of(answer.content), dict):
            raise VendorFault("the platform's answer is not the JSON it documents")
        return {"status": 200, "headers": answer.headers, "body": answer.text}


@contextmanager
def our_errors() -> Iterator[None]:
    """Slack says most things with status 200 and {"ok": false, "error": …}."""
    try:
        yield
    except SlackApiError as refused:
        raise _error(_code(refused.response)) from None


def _code(response: Any) -> str:
    body = getattr(response, "data", response)
    return short_code(body.get("error")) if isinstance(body, Mapping) else ""


def _error(code: str) -> ConnectorError:
    what = f"refused, code {code}" if code else "refused without a code"
    if code in TOO_MANY:
        return TooMany(what)
    if code in NOT_ALLOWED:
        return NotAllowed(what)
    if code in NOT_FOUND:
        return NotFound(what)
    if code in FAULTS or not code:
        return VendorFault(what)
    return Refused(what, code=code)
