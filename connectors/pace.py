"""Keeps below a vendor's documented rate: a long walk is slowed here instead of being refused there."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

import httpx


class Paced(httpx.BaseTransport):
    """Lets at most `per_second` requests start within any second; each is sent once.

    Ask for less than half of what the vendor allows: two runs may read at the same moment.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        per_second: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._started: deque[float] = deque(maxlen=per_second)
        self._now = now
        self._sleep = sleep
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self._wait()
            self._started.append(self._now())
        return self._inner.handle_request(request)

    def _wait(self) -> None:
        if len(self._started) == self._started.maxlen:
            self._sleep(max(0.0, self._started[0] + 1.0 - self._now()))

    def close(self) -> None:
        self._inner.close()
