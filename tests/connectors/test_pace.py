"""The pace of requests, with a clock that only the pace itself moves."""

import httpx

from connectors.pace import Paced


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_no_second_ever_sees_more_requests_than_allowed() -> None:
    clock, starts = Clock(), []

    def answer(_request: httpx.Request) -> httpx.Response:
        starts.append(clock.time)
        clock.time += 0.03125
        return httpx.Response(200)

    paced = Paced(httpx.MockTransport(answer), 8, now=clock.now, sleep=clock.sleep)
    with httpx.Client(transport=paced) as client:
        for _ in range(40):
            client.get("http://vendor.test/me")
    assert all(later - first >= 1.0 for first, later in zip(starts, starts[8:], strict=False))
    assert len(starts) == 40


def test_a_few_requests_are_not_slowed() -> None:
    clock = Clock()
    ok = httpx.MockTransport(lambda _request: httpx.Response(200))
    with httpx.Client(transport=Paced(ok, 8, now=clock.now, sleep=clock.sleep)) as client:
        for _ in range(8):
            client.get("http://vendor.test/me")
    assert clock.time == 0.0
