"""Mailchimp over HTTP: its address is in the key, and a bare refusal is its way of saying 'too much'."""

from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Any

import httpx

from connectors.errors import Refused
from connectors.http import Http
from connectors.parsing import documented

COUNT = 1000


class Throttle(httpx.BaseTransport):
    """A 403 without JSON is no verdict on the key: it comes at very high volume."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        told = response.headers
        bare = "json" not in told.get("content-type", "") or told.get("content-length") == "0"
        if response.status_code == 403 and bare:
            response.status_code = 429
        return response

    def close(self) -> None:
        self._inner.close()


def home(api_key: str) -> str:
    """The data centre is what follows the dash of a key: 0123…-us19."""
    centre = api_key.rpartition("-")[2]
    if not (centre.isascii() and centre.isalnum() and centre != api_key):
        raise Refused("the key names no data centre", code="no_data_centre")
    return f"https://{centre}.api.mailchimp.com/3.0"


def member_path(list_id: str, email: str) -> str:
    """A member is known by the MD5 of the address in small letters."""
    digest = md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()
    return f"lists/{list_id}/members/{digest}"


def rows(http: Http, path: str, name: str, **query: Any) -> Iterator[Mapping[str, Any]]:
    """Every row of a list."""
    offset = 0
    while True:
        answer = http.get(path, count=COUNT, offset=offset, **query)
        with documented():
            page = [dict(row) for row in answer[name]]
        yield from page
        offset += COUNT
        if len(page) < COUNT:
            return
