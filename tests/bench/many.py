"""An empty house, and the same with thousands of cases that wait: idle, its run list, a reply."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Appointment
from tests.bench import copies, crowd, phases
from tests.bench.ground import Ground, one
from tests.flows.house import until

SINGLES, TIMES, QUIET = 5, 20, 30
PEOPLE = 40
PAGES = (10, 50, 100, 200)
DASHBOARD, RUNS = "EXPECTED_START_TIME_DESC", "START_TIME_DESC"
"""How the UI's first page and its page of runs sort them."""
AS_SHOWN = "runs 100"
"""What the page of runs asks unless told otherwise."""


def measure(there: Ground, cases: int) -> dict[str, Any]:
    client = there.take(1)
    empty = look(there)
    phases.storm(there, client)
    zone, like = _zone(client[0]), _case_of(client[0])
    until("its run waits with its form", lambda: copies.rests(there, like))
    made = crowd.begin(there, zone, like)
    sealed()
    few = listed(there)
    crowd.multiply(there, like, made, range(1, cases // len(made)))
    tidy(there)
    many = look(there)
    return {
        "cases": cases,
        "cpu_pct": many["cpu_pct"],
        "cpu_pct_empty": empty["cpu_pct"],
        "run_list_ms": many["run_list_ms"],
        "run_list_ms_empty": empty["run_list_ms"],
        "reply_s": many["reply_s"],
        "reply_s_empty": empty["reply_s"],
        "by_process": {"empty": empty["by_process"], "many": many["by_process"]},
        "lists": {"empty": empty["lists"], str(len(made)): few, "many": many["lists"]},
        "database_mib": there.database_kib() // 1024,
    }


def look(there: Ground) -> dict[str, Any]:
    """Idle, the run list, and one client after the other."""
    time.sleep(QUIET)
    idle = phases.wait(there, 0, 0)
    lists = listed(there)
    singles = phases.singles(there, there.take(SINGLES))
    return {
        "cpu_pct": idle["cpu_pct"],
        "by_process": {
            n: round(100 * s / phases.WAIT_SECONDS, 1) for n, s in idle["cpu_s"].items()
        },
        "lists": lists,
        "run_list_ms": lists[AS_SHOWN],
        "reply_s": round(singles["p50_ms"] / 1000, 2),
    }


def listed(there: Ground) -> dict[str, float]:
    """Milliseconds of each question of the run list."""
    return {name: timed(ask) for name, ask in questions(there).items()}


def questions(there: Ground) -> dict[str, Callable[[], Any]]:
    """What the UI's page of runs asks: a page of them, and how many there are, of the last week."""
    client = httpx.Client(base_url=there.house.addresses["prefect"] + "/api", timeout=60)
    since = (datetime.now(UTC) - timedelta(days=7)).isoformat()
    week = {"flow_runs": {"expected_start_time": {"after_": since}}}

    def ask(path: str, **body: Any) -> Callable[[], Any]:
        return lambda: client.post(path, json=body).raise_for_status()

    found = {"count": ask("/flow_runs/count"), "count of a week": ask("/flow_runs/count", **week)}
    for limit in PAGES:
        found[f"filter {limit}"] = ask("/flow_runs/filter", limit=limit, sort=DASHBOARD)
        found[f"page of {limit}"] = ask("/flow_runs/paginate", limit=limit, sort=DASHBOARD, **week)
        found[f"runs {limit}"] = ask("/flow_runs/paginate", limit=limit, sort=RUNS, **week)
    return found


def timed(ask: Callable[[], Any]) -> float:
    """Milliseconds, the median of twenty."""
    took = []
    ask()
    for _ in range(TIMES):
        began = time.monotonic()
        ask()
        took.append(1000 * (time.monotonic() - began))
    return round(statistics.median(took), 1)


def sealed() -> None:
    """What is multiplied is sealed first: the sealer would be at it for an hour."""
    until("the audit is sealed", lambda: one("SELECT count(*) FROM audit WHERE seq IS NULL") == 0)


def tidy(there: Ground) -> None:
    """What came at once here comes over days elsewhere, and PostgreSQL takes its statistics."""
    for database in ("prefect", "rebook"):
        with copies.database(there, database) as connection:
            connection.execute("VACUUM ANALYZE")


def _zone(appointment: dict[str, Any]) -> str:
    return _row(appointment).zone


def _case_of(appointment: dict[str, Any]) -> str:
    return str(one("SELECT id FROM cases WHERE appointment_id = :id", id=_row(appointment).id))


def _row(appointment: dict[str, Any]) -> Appointment:
    with ledger() as session:
        return session.exec(
            select(Appointment).where(
                Appointment.connection == "acuity",
                Appointment.external_id == str(appointment["id"]),
            )
        ).one()
