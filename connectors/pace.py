"""Keeps below a vendor's documented rate: a long walk is slowed here instead of being refused there."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock

import httpx

from connectors.parsing import whole_number


class Pace:
    """Lets at most `per_second` requests start within any second.

    Ask for less than half of what the vendor allows: two of our processes may read at once.
    """

    def __init__(
        self,
        per_second: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._started: deque[float] = deque(maxlen=per_second)
        self._now = now
        self._sleep = sleep
        self._lock = Lock()

    def keep(self) -> None:
        """Returns when the next request may start."""
        with self._lock:
            if len(self._started) == self._started.maxlen:
                self._sleep(max(0.0, self._started[0] + 1.0 - self._now()))
            self._started.append(self._now())


@cache
def pace_of(_account: str, per_second: int) -> Pace:
    """One for all connectors of this process that use the same account."""
    return Pace(per_second)


def pace_for(account: str, settings: Mapping[str, str], usual: int) -> Pace:
    """By the setting `per_second`, or the vendor's usual one where that is no number above zero."""
    return pace_of(account, max(1, whole_number(settings, "per_second", usual)))


class Paced(httpx.BaseTransport):
    """Sends each request once, when its pace allows."""

    def __init__(self, inner: httpx.BaseTransport, pace: Pace) -> None:
        self._inner = inner
        self._pace = pace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._pace.keep()
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()
