"""SendGrid's SDK on our HTTP client: it words the requests, and retries, redirects and logs nothing."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import Request

import httpx
from sendgrid import SendGridAPIClient

from connectors.http import Http

# The SDK logs bodies and the API key at DEBUG (python_http_client 3.3.7).
logging.getLogger("python_http_client").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Answered:
    """An answer as the SDK reads one from urllib."""

    response: httpx.Response

    def getcode(self) -> int:
        return self.response.status_code

    def read(self) -> bytes:
        return self.response.content

    def info(self) -> Mapping[str, str]:
        return self.response.headers


class Account:
    """One API key's view of the v3 API. Paths are the SDK's: `account.post("mail", "send", body=…)`."""

    def __init__(self, http: Http, api_key: str) -> None:
        self._http = http
        self._sdk = SendGridAPIClient(api_key, host=http.base_url)

    def get(self, *path: str, **query: str) -> Any:
        return self._at(path).get(query_params=query)

    def post(self, *path: str, body: Mapping[str, Any]) -> Any:
        return self._at(path).post(request_body=body)

    def _at(self, path: tuple[str, ...]) -> Any:
        endpoint = self._sdk.client
        for part in path:
            endpoint = endpoint._(part)
        endpoint._make_request = self._send
        return endpoint

    def _send(self, _opener: object, request: Request, timeout: object = None) -> Answered:
        """In the place of urllib, which would follow a redirect and take the API key along."""
        headers = dict(request.header_items())
        return Answered(
            self._http.send(
                request.get_method(), request.full_url, content=request.data, headers=headers
            )
        )
