"""Pipedrive's limits as its headers tell them, with a clock that only the pace itself moves."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.errors import ConnectorError, NotAllowed, TooMany
from connectors.http import Http
from connectors.pipedrive.pace import Paced


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def ask(answer: Callable[[httpx.Request], httpx.Response], times: int = 1) -> Clock:
    clock = Clock()
    paced = Paced(httpx.MockTransport(answer), now=clock.now, sleep=clock.sleep)
    http = Http("http://pipedrive.test", transport=paced)
    for _ in range(times):
        http.get("v1/users/me")
    return clock


def refusal(status: int, **parts: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        ask(lambda _request: httpx.Response(status, **parts))
    return caught.value


def test_after_the_last_request_of_a_window_the_next_one_waits() -> None:
    left = iter(["2", "1", "0", "19"])

    def answer(_request: httpx.Request) -> httpx.Response:
        headers = {"x-ratelimit-remaining": next(left), "x-ratelimit-reset": "2"}
        return httpx.Response(200, json={}, headers=headers)

    assert ask(answer, times=4).time == 2.0


@pytest.mark.parametrize("reset", ["900", "soon", ""])
def test_no_header_makes_it_wait_long(reset: str) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    clock = ask(lambda _request: httpx.Response(200, json={}, headers=headers), times=2)
    assert clock.time <= 3.0


def test_a_window_that_is_used_up_says_how_long() -> None:
    error = refusal(429, json={}, headers={"x-ratelimit-reset": "2"})
    assert isinstance(error, TooMany)
    assert error.retry_after == 2.0


def test_a_days_budget_that_is_used_up_is_waited_for_long() -> None:
    error = refusal(429, json={}, headers={"x-ratelimit-reset": "2", "x-daily-requests-left": "0"})
    assert error.retry_after == 3600.0


def test_a_web_page_that_shuts_us_out_is_a_limit_and_no_lost_right() -> None:
    error = refusal(403, text="<html>Slow down</html>")
    assert isinstance(error, TooMany)
    assert error.retry_after == 3600.0


def test_a_right_that_we_do_not_have_is_still_one() -> None:
    assert isinstance(refusal(403, json={"success": False}), NotAllowed)
