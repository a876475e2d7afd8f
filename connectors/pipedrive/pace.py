"""Pipedrive's limits, read from its own headers: wait out a used-up window, and know its refusals."""

import time
from collections.abc import Callable

import httpx

LONGEST_PAUSE = 3.0
UNTIL_TOMORROW = "3600"


class Paced(httpx.BaseTransport):
    """Each request is sent once; after the last one a window allows, the next waits for the next window."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._now = now
        self._sleep = sleep
        self._free_at = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        wait = self._free_at - self._now()
        if wait > 0:
            self._sleep(min(wait, LONGEST_PAUSE))
        response = self._inner.handle_request(request)
        if _number(response.headers.get("x-ratelimit-remaining"), 1.0) <= 0:
            self._free_at = self._now() + _number(response.headers.get("x-ratelimit-reset"), 2.0)
        _explain(response)
        return response

    def close(self) -> None:
        self._inner.close()


def _explain(response: httpx.Response) -> None:
    """Who goes on after a 429 is shut out with a web page, status 403; the real 403 is JSON."""
    page = "json" not in response.headers.get("content-type", "")
    if response.status_code == 403 and page:
        response.status_code = 429
    if response.status_code == 429 and "retry-after" not in response.headers:
        spent = response.headers.get("x-daily-requests-left") == "0"
        reset = response.headers.get("x-ratelimit-reset", "")
        response.headers["retry-after"] = UNTIL_TOMORROW if spent or page else reset


def _number(text: str | None, otherwise: float) -> float:
    try:
        return max(float(text or otherwise), 0.0)
    except ValueError:
        return otherwise
