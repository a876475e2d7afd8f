"""gspread on our HTTP client: it words the requests, and retries, signs in and logs nothing."""

from typing import Any, cast

from gspread.http_client import HTTPClient, ParamsType
from requests import Response

from connectors.http import Http
from connectors.parsing import short_code

HOME = "https://sheets.googleapis.com"
TOO_MANY = frozenset({"RESOURCE_EXHAUSTED"})


class OnOurHttp(HTTPClient):
    """What gspread's lower-level calls go through, in the place of a session of `requests`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def request(
        self,
        method: str,
        endpoint: str,
        params: ParamsType | None = None,
        data: bytes | None = None,
        json: Any = None,
        files: Any = None,
        headers: Any = None,
    ) -> Response:
        """gspread reads nothing of an answer but its JSON, which both clients give alike."""
        path = endpoint.removeprefix(HOME).lstrip("/")
        answer = self._http.send(method.upper(), path, params=params, json=json, headers=headers)
        return cast("Response", answer)


def error_code(body: Any) -> str:
    """`{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}`: the message is dropped."""
    try:
        return short_code(body["error"]["status"])
    except (KeyError, TypeError):
        return ""
