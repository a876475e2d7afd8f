"""How Calendly is spoken to, and how long it wants to be left alone."""

import httpx

from connectors.calendly import wire
from connectors.http import Bearer, Http

HOME = "https://api.calendly.com"


class ResetHeader(httpx.BaseTransport):
    """Calendly says in a header of its own how many seconds a limit lasts: it becomes Retry-After."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        reset = response.headers.get("x-ratelimit-reset", "")
        if response.status_code == 429 and reset and "retry-after" not in response.headers:
            response.headers["retry-after"] = reset
        return response

    def close(self) -> None:
        self._inner.close()


def calendly(base_url: str, token: str) -> Http:
    return Http(
        base_url or HOME,
        auth=Bearer(lambda _refused: token),
        transport=ResetHeader(httpx.HTTPTransport()),
        code_of=wire.error_code,
    )
