"""Each kind of fault does what its name says, as often as it was ordered, and is counted."""

import time

import httpx
import pytest

from tests.sandbox.conftest import Gateway, Running, eventually

CUT = (httpx.NetworkError, httpx.RemoteProtocolError)


def appointments(sandbox: Running, canceled: bool) -> list[int]:
    own = sandbox.state()["acuity"]["appointments"]
    return [one["id"] for one in own if one["canceled"] is canceled]


def cancel(sandbox: Running, number: int, timeout: float = 5.0) -> httpx.Response:
    with sandbox.acuity() as acuity:
        return acuity.put(f"/appointments/{number}/cancel", timeout=timeout)


@pytest.mark.parametrize("kind", ["429", "500", "503"])
def test_a_status_is_answered_and_nothing_is_done(sandbox: Running, kind: str) -> None:
    sandbox.fault("acuity", kind, count=2)
    one = appointments(sandbox, canceled=False)[0]
    statuses = [cancel(sandbox, one).status_code for _ in range(3)]
    assert statuses == [int(kind), int(kind), 200]
    assert sandbox.fired() == [2]


def test_acted_500_acts_and_says_500(sandbox: Running) -> None:
    sandbox.fault("acuity", "acted_500")
    one = appointments(sandbox, canceled=False)[0]
    assert cancel(sandbox, one).status_code == 500
    assert appointments(sandbox, canceled=True) == [one]


def test_acted_timeout_acts_and_never_answers(sandbox: Running) -> None:
    sandbox.fault("acuity", "acted_timeout", seconds=30)
    one = appointments(sandbox, canceled=False)[0]
    with pytest.raises(httpx.ReadTimeout):
        cancel(sandbox, one, timeout=0.5)
    assert appointments(sandbox, canceled=True) == [one]


def test_acted_timeout_cuts_the_connection_in_the_end(sandbox: Running) -> None:
    sandbox.fault("acuity", "acted_timeout", seconds=0.1)
    one = appointments(sandbox, canceled=False)[0]
    with pytest.raises(CUT):
        cancel(sandbox, one)
    assert appointments(sandbox, canceled=True) == [one]


def test_refused_cuts_before_acting(sandbox: Running) -> None:
    sandbox.fault("acuity", "refused")
    one = appointments(sandbox, canceled=False)[0]
    with pytest.raises(CUT):
        cancel(sandbox, one)
    assert appointments(sandbox, canceled=True) == []
    assert cancel(sandbox, one).status_code == 200


def test_delay_answers_late(sandbox: Running) -> None:
    sandbox.fault("acuity", "delay", seconds=0.5)
    began = time.monotonic()
    assert cancel(sandbox, appointments(sandbox, canceled=False)[0]).status_code == 200
    assert time.monotonic() - began >= 0.5


def test_match_picks_the_calls_and_other_platforms_are_spared(sandbox: Running) -> None:
    sandbox.fault("acuity", "500", match="PUT /acuity")
    with sandbox.acuity() as acuity, sandbox.google() as google:
        assert acuity.get("/me").status_code == 200
        assert google.get("/users/me/calendarList").status_code == 200
    assert sandbox.fired() == [0]
    assert cancel(sandbox, appointments(sandbox, canceled=False)[0]).status_code == 500
    assert sandbox.fired() == [1]


def test_each_platform_says_429_in_its_own_words(sandbox: Running) -> None:
    paths = {
        "acuity": "/acuity/api/v1/me",
        "google": "/google_calendar/calendar/v3/users/me/calendarList",
        "twilio": "/twilio/2010-04-01/Accounts/x/Messages.json",
        "sendgrid": "/sendgrid/v3/scopes",
        "slack": "/slack/api/auth.test",
    }
    bodies = {}
    for platform, path in paths.items():
        sandbox.fault(platform, "429")
        answer = sandbox.http.get(path)
        assert answer.status_code == 429
        bodies[platform] = answer.json()
    assert bodies["twilio"]["code"] == 20429
    assert bodies["slack"] == {"ok": False, "error": "ratelimited"}
    assert bodies["google"]["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert bodies["sendgrid"]["errors"][0]["message"] == "too many requests"
    assert bodies["acuity"]["status_code"] == 429


def test_a_dropped_webhook_never_comes(sandbox: Running, gateway: Gateway) -> None:
    sandbox.fault("acuity", "drop")
    one, two = appointments(sandbox, canceled=False)[:2]
    cancel(sandbox, one)
    cancel(sandbox, two)
    [hook] = gateway.wait(1)
    assert f"id={two}&" in hook.body.decode()
    assert sandbox.deliveries("acuity")[0]["outcome"] == "dropped"


def test_a_duplicated_webhook_comes_five_times(sandbox: Running, gateway: Gateway) -> None:
    sandbox.fault("acuity", "duplicate", copies=5)
    cancel(sandbox, appointments(sandbox, canceled=False)[0])
    hooks = gateway.wait(5)
    assert len({hook.body for hook in hooks}) == 1


def test_a_delayed_webhook_comes_late(sandbox: Running, gateway: Gateway) -> None:
    sandbox.fault("acuity", "delay", on="webhook", seconds=0.6)
    began = time.monotonic()
    cancel(sandbox, appointments(sandbox, canceled=False)[0])
    gateway.wait(1)
    assert time.monotonic() - began >= 0.6


def test_a_reordered_webhook_comes_after_the_next_one(sandbox: Running, gateway: Gateway) -> None:
    sandbox.fault("acuity", "reorder")
    one, two = appointments(sandbox, canceled=False)[:2]
    cancel(sandbox, one)
    cancel(sandbox, two)
    first, second = (hook.body.decode() for hook in gateway.wait(2))
    assert f"id={two}&" in first
    assert f"id={one}&" in second


def test_faults_can_be_cleared_and_nonsense_is_refused(sandbox: Running) -> None:
    sandbox.fault("acuity", "500", count=99)
    sandbox.http.delete("/_control/faults")
    assert cancel(sandbox, appointments(sandbox, canceled=False)[0]).status_code == 200
    for wrong in (
        {"platform": "nothing", "kind": "500"},
        {"platform": "acuity", "kind": "explode"},
        {"platform": "acuity", "kind": "200"},
        {"platform": "acuity", "kind": "500", "count": "many"},
        {"platform": "acuity", "kind": "delay", "on": "moon"},
    ):
        assert sandbox.http.post("/_control/faults", json=wrong).status_code == 400


def test_a_webhook_is_repeated_until_the_gateway_is_well(
    sandbox: Running, gateway: Gateway
) -> None:
    gateway.answers = [503, 500, 200]
    cancel(sandbox, appointments(sandbox, canceled=False)[0])
    gateway.wait(3)
    [record] = eventually(
        lambda: [d for d in sandbox.deliveries("acuity") if d["outcome"] != "waiting"] or None
    )
    assert (record["outcome"], record["attempts"]) == ("delivered", 3)


def test_a_webhook_the_gateway_refuses_is_not_repeated(sandbox: Running, gateway: Gateway) -> None:
    gateway.answers = [401]
    cancel(sandbox, appointments(sandbox, canceled=False)[0])
    [record] = eventually(
        lambda: [d for d in sandbox.deliveries("acuity") if d["outcome"] != "waiting"] or None
    )
    assert (record["outcome"], record["attempts"]) == ("refused", 1)
