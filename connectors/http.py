"""The one HTTP client of all connectors. It never retries, follows no redirects and quotes no vendor."""

import logging
import ssl
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from typing import Any

import httpx

from connectors.errors import (
    Conflict,
    ConnectorError,
    NoAnswer,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
    Unreachable,
    VendorFault,
)
from rebook.domain import clock

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LONGEST_WAIT = 3600.0

# httpx logs every URL at INFO, and ours carry phone numbers; httpcore logs headers at DEBUG.
for _chatty in ("httpx", "httpcore"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)

NextPage = Callable[[Any], dict[str, Any] | None]


class Http:
    """JSON over HTTP to one vendor account. `transport` is for tests; `auth` adds the credentials.

    `too_many` are the vendor's codes that mean a limit, whatever the HTTP status beside them.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: httpx.Auth | None = None,
        transport: httpx.BaseTransport | None = None,
        code_of: Callable[[Any], str] = lambda _body: "",
        too_many: Collection[str] = (),
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._code_of = code_of
        self._too_many = too_many
        self._auth = auth
        self._transport = transport

    @cached_property
    def _client(self) -> httpx.Client:
        """Made at the first call: the web door makes none, and loading certificates takes time."""
        return httpx.Client(
            base_url=f"{self.base_url}/",
            auth=self._auth,
            transport=self._transport,
            timeout=TIMEOUT,
            verify=trusted(),
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.request("GET", path, query=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return self.request("POST", path, json=body, query=query)

    def put(self, path: str, body: Any = None, **query: Any) -> Any:
        return self.request("PUT", path, json=body, query=query)

    def patch(
        self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, **query: Any
    ) -> Any:
        return self.request("PATCH", path, json=body, query=query, headers=headers)

    def delete(self, path: str, **query: Any) -> Any:
        return self.request("DELETE", path, query=query)

    def pages(self, path: str, next_page: NextPage, **query: Any) -> Iterator[Any]:
        """Every page from the first; `next_page(page)` gives the query of the next, or None."""
        more: dict[str, Any] | None = {}
        while more is not None:
            page = self.get(path, **{**query, **more})
            yield page
            more = next_page(page)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The parsed JSON answer, None where it is empty. Raises the errors of `connectors.errors`."""
        params = {name: value for name, value in (query or {}).items() if value is not None} or None
        url = path.lstrip("/")
        return _json(self.send(method, url, json=json, data=form, params=params, headers=headers))

    def send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """A successful answer as it came; `parts` are httpx's own. The vendors' SDKs ride on this."""
        try:
            response = self._client.request(method, url, **parts)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable("the platform could not be reached") from None
        except httpx.HTTPError:
            raise NoAnswer("the platform gave no answer") from None
        if response.is_success:
            return response
        code = self._code_of(_json(response))
        status = 429 if code in self._too_many else response.status_code
        raise error_for(status, code=code, retry_after=retry_after(response.headers))


def _json(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        if response.is_success:
            raise VendorFault("the platform's answer is not the JSON it documents") from None
        return None


def error_for(status: int, *, code: str = "", retry_after: float | None = None) -> ConnectorError:
    """The error an HTTP status means, said once for all vendors. `code` must be a vendor's short code."""
    what = f"status {status}" + (f", code {code}" if code else "")
    match status:
        case 401 | 403:
            return NotAllowed(what)
        case 404 | 410:
            return NotFound(what)
        case 409 | 412:
            return Conflict(what)
        case 408:
            return NoAnswer(what, retry_after=retry_after)
        case 423 | 425 | 429:
            return TooMany(what, retry_after=retry_after)
        case _ if 400 <= status < 500:
            return Refused(what, code=code)
        case _:
            return VendorFault(what, retry_after=retry_after)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header (seconds or HTTP date), at most an hour; None if absurd."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - clock.now()).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None


def after(field: str, name: str | None = None) -> NextPage:
    """A paging rule: the next page is named by `field` of this one, sent as the parameter `name`."""

    def rule(page: Any) -> dict[str, Any] | None:
        value = page.get(field)
        return {name or field: value} if value else None

    return rule


@cache
def trusted() -> ssl.SSLContext:
    """The authorities we trust, read once: reading them takes longer than most calls."""
    return httpx.create_ssl_context()


def sending() -> httpx.HTTPTransport:
    """What a transport of a vendor's own sends through."""
    return httpx.HTTPTransport(verify=trusted())


class Bearer(httpx.Auth):
    """`Authorization: Bearer`, the token asked for anew at each request; refreshed once on a 401."""

    def __init__(self, token: Callable[[bool], str], scheme: str = "Bearer") -> None:
        self._token = token
        self._scheme = scheme

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"{self._scheme} {self._token(False)}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"{self._scheme} {self._token(True)}"
            yield request
