"""A pace of some requests a second, with a clock that only the pace itself moves."""

import httpx

from connectors.pace import Pace, Paced, pace_of


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

    pace = Pace(8, now=clock.now, sleep=clock.sleep)
    inner = httpx.MockTransport(answer)
    with (
        httpx.Client(transport=Paced(inner, pace)) as one,
        httpx.Client(transport=Paced(inner, pace)) as other,
    ):
        for _ in range(20):
            one.get("http://vendor.test/me")
            other.get("http://vendor.test/me")
    assert all(later - first >= 1.0 for first, later in zip(starts, starts[8:], strict=False))
    assert len(starts) == 40


def test_a_few_requests_are_not_slowed() -> None:
    clock = Clock()
    ok = httpx.MockTransport(lambda _request: httpx.Response(200))
    pace = Pace(8, now=clock.now, sleep=clock.sleep)
    with httpx.Client(transport=Paced(ok, pace)) as client:
        for _ in range(8):
            client.get("http://vendor.test/me")
    assert clock.time == 0.0


def test_connectors_of_one_account_share_one_pace_and_others_do_not() -> None:
    assert pace_of("10101@http://a.test", 4) is pace_of("10101@http://a.test", 4)
    assert pace_of("10101@http://a.test", 4) is not pace_of("20202@http://a.test", 4)
