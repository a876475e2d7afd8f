"""What the bench does to a house, one phase after the other, and what it measures."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx

from tests.bench.ground import Ground, at_once, offered, rebooked, waiting
from tests.connectors.kits import KITS
from tests.flows.house import until

Appointments = Sequence[dict[str, Any]]
PATIENCE = 900.0
WAIT_SECONDS = 30


def spent(ground: Ground, act: Callable[[], None]) -> dict[str, float]:
    """CPU seconds by process while `act` runs."""
    before = ground.cpu()
    act()
    after = ground.cpu()
    return {name: after[name] - before.get(name, 0.0) for name in after}


def storm(ground: Ground, appointments: Appointments) -> dict[str, Any]:
    """All cancelled at once by webhook; ends when all wait for their clients."""
    began = time.monotonic()
    told = 0.0

    def act() -> None:
        nonlocal told
        with ground.house.town as town:
            at_once(town, [(f"acuity/{a['id']}/cancel", {"by": "client"}) for a in appointments])
        until("every text", lambda: offered(appointments) == len(appointments), PATIENCE)
        told = time.monotonic() - began
        until("every case waits", lambda: waiting(appointments) == len(appointments), PATIENCE)

    used = spent(ground, act)
    count = len(appointments)
    return {
        "cases": count,
        "failed_runs": ground.bad_runs(),
        "last_sms_s": round(told, 1),
        "cases_per_s": round(count / told, 2),
        "cpu_s": used,
    }


def wait(ground: Ground, cases: int, before_kib: int, windows: int = 1) -> dict[str, Any]:
    """Nobody does anything. The house's own rounds come and go: each window is given, and their mean."""
    used = [spent(ground, lambda: time.sleep(WAIT_SECONDS)) for _ in range(windows)]
    each = [round(100 * sum(window.values()) / WAIT_SECONDS, 2) for window in used]
    return {
        "cases": cases,
        "cpu_pct": round(statistics.mean(each), 2),
        "each_pct": each,
        "rss_mib": round(ground.memory()),
        "db_kib_per_case": round((ground.database_kib() - before_kib) / cases, 1) if cases else 0,
        "cpu_s": {name: sum(window[name] for window in used) for name in used[0]},
    }


def replies(ground: Ground, appointments: Appointments) -> dict[str, Any]:
    """All answer at once."""
    began = time.monotonic()

    def act() -> None:
        with ground.house.town as town:
            at_once(
                town, [("phone/reply", {"from": a["phone"], "body": "2"}) for a in appointments]
            )
        until("every booking", lambda: rebooked(appointments) == len(appointments), PATIENCE)

    used = spent(ground, act)
    seconds = time.monotonic() - began
    return {
        "last_s": round(seconds, 1),
        "per_s": round(len(appointments) / seconds, 2),
        "cpu_s": used,
    }


def singles(ground: Ground, appointments: Appointments) -> dict[str, Any]:
    """One client after the other: from the answer to the booking that stands in the ledger."""
    took = []
    for appointment in appointments:
        storm(ground, [appointment])
        began = time.monotonic()
        ground.control("phone/reply", {"from": appointment["phone"], "body": "1"})
        while rebooked([appointment], settled=False) == 0:
            time.sleep(0.01)
            assert time.monotonic() - began < PATIENCE
        took.append(1000 * (time.monotonic() - began))
        until("all told", partial(rebooked, [appointment]), PATIENCE)
    return shape(took)


def acknowledgements(ground: Ground, storming: Appointments, rate: int, seconds: int) -> Any:
    """Signed webhooks at a steady rate while a storm runs beside them."""
    with ThreadPoolExecutor(1) as beside:
        storming_result = beside.submit(storm, ground, storming)
        took = steady(ground, rate, seconds)
        result = storming_result.result()
    return {**shape(took), "rate": rate, "count": len(took), "beside": result["cases"]}


def steady(ground: Ground, rate: int, seconds: int) -> list[float]:
    gateway = ground.house.addresses["gateway"]
    url = f"{gateway}/hooks/twilio/status"
    key = _twilio_key(ground)
    took: list[float] = []
    begins = time.monotonic() + 0.5
    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(32) as hands:

        def send(number: int) -> None:
            due = begins + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            body = f"MessageSid=SM{number:032x}&MessageStatus=delivered".encode()
            request = KITS["twilio"].sign(body, url, "status", key)
            assert client.post(url, content=body, headers=dict(request.headers)).is_success
            took.append(1000 * (time.monotonic() - due))

        list(hands.map(send, range(rate * seconds)))
    return took


def _twilio_key(ground: Ground) -> bytes:
    with ground.house.town as town:
        listed = town.get("/_control/connections").json()
    entry = next(entry for entry in listed if entry["connection"] == "twilio")
    return str(entry["credentials"]["auth_token"]).encode()


def shape(milliseconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return {
        "p50_ms": round(statistics.median(milliseconds), 1),
        "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1),
        "n": len(milliseconds),
    }
