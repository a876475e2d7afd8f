"""`python -m tests.bench [CASES ...] [--waiting CASES]`: one house a size; a table, build/bench.json."""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import many, phases, picture, plain, sampled, yardstick
from tests.bench.ground import Ground, ground
from tests.flows.house import ROOT

BUILD = ROOT / "build"
SINGLES, BESIDE, NAIVE, SAMPLED = 30, 20, 10, 40
RATE, SECONDS = 100, 30
SETTLE = 10
WINDOWS = 6
"""How many times thirty seconds an empty house and one that waits are looked at."""


def measure(there: Ground, cases: int, *, whole: bool) -> dict[str, Any]:
    """Everything for one size; `whole` with the phases that do not grow with it."""
    time.sleep(SETTLE)
    windows = WINDOWS if whole else 1
    empty = phases.wait(there, 0, 0, windows)
    before_kib = there.database_kib()
    clients = there.take(cases)
    with yardstick.beside() as in_storm:
        storm = phases.storm(there, clients)
    waiting = phases.wait(there, cases, before_kib, windows)
    with yardstick.beside() as in_answers:
        answered = phases.replies(there, clients)
    speed = statistics.mean((in_storm.ms, in_answers.ms))
    found: dict[str, Any] = {
        "cases": cases,
        "storm": storm,
        "idle": empty,
        "waiting": {**waiting, "above_idle_pct": round(waiting["cpu_pct"] - empty["cpu_pct"], 2)},
        "all_at_once": answered,
        "cpu_ms_per_case": _per_case(storm, answered, cases),
        "cpu_ms_by_process": _by_process(storm, answered, cases),
        "yardstick_ms": round(speed, 2),
    }
    if whole:
        found["replies"] = phases.singles(there, there.take(SINGLES))
        found["ack"] = phases.acknowledgements(there, there.take(BESIDE), RATE, SECONDS)
        if sampled.may_look():
            found["cpu_ms_by_step"] = _by_step(there, found["cpu_ms_by_process"])
        found["naive_prefect"] = plain.on_its_own_server(there, NAIVE)
        found["naive_on_our_server"] = plain.on_our_server(there, NAIVE)
        found |= _ratios(found)
    found["storm"]["failed_runs"] = there.bad_runs()
    return found


def _ratios(found: dict[str, Any]) -> dict[str, float]:
    """Plain Prefect's price by ours: as it was taken, and at one speed of the machine."""
    ours, speed = found["cpu_ms_per_case"], found["yardstick_ms"]

    def ratio(name: str, *, at_one_speed: bool = True) -> float:
        plainly = found[name]
        slower = plainly["yardstick_ms"] / speed if at_one_speed else 1
        return round(float(plainly["cpu_ms_per_case"] / slower / ours), 1)

    return {
        "ratio_cpu": ratio("naive_prefect", at_one_speed=False),
        "ratio_at_one_speed": ratio("naive_prefect"),
        "ratio_on_our_server": ratio("naive_on_our_server"),
    }


def _per_case(storm: Any, answered: Any, cases: int) -> int:
    return round(1000 * sum(sum(part["cpu_s"].values()) for part in (storm, answered)) / cases)


def _by_process(storm: Any, answered: Any, cases: int) -> dict[str, int]:
    names = {*storm["cpu_s"], *answered["cpu_s"]}
    total = {n: storm["cpu_s"].get(n, 0) + answered["cpu_s"].get(n, 0) for n in names}
    return {n: round(1000 * s / cases) for n, s in sorted(total.items()) if s > 0}


def _by_step(there: Ground, by_process: dict[str, int]) -> dict[str, int]:
    """The workers' milliseconds a case, shared out as sampled while other cases run their course."""
    workers = {n: pid for n, pid in there.roots().items() if n.startswith("worker")}
    clients = there.take(SAMPLED)
    with sampled.beside(workers.values()) as seen:
        phases.storm(there, clients)
        phases.replies(there, clients)
    total = sum(by_process.get(name, 0) for name in workers)
    shares = {step: round(total * times / seen.total()) for step, times in seen.most_common()}
    return {step: ms for step, ms in shares.items() if ms}


def show(found: dict[str, Any]) -> None:
    table = Table("what", "figure", title=f"{found['cases']} cases, load {found['load']}")
    for name, value in found.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for part, figure in rows:
            if part != "cpu_s":
                table.add_row(f"{name} {part}".strip(), str(figure))
    Console().print(table)


def main(sizes: Sequence[int], waiting: int) -> None:
    BUILD.mkdir(exist_ok=True)
    results = []
    for at, cases in enumerate(sizes):
        whole = at == 0
        people = cases + (SINGLES + BESIDE + SAMPLED + 2 * NAIVE if whole else 0) + 10
        with house(people) as (there, load):
            found = {**measure(there, cases, whole=whole), "load": load}
        show(found)
        results.append(found)
    keep({**results[0], "sizes": results} if results else {})
    if waiting:
        with house(many.PEOPLE) as (there, load):
            found = {**many.measure(there, waiting), "load": load}
        show(found)
        keep({"waiting_many": found})
    if len(results) > 1:
        draw(results)


def draw(results: Sequence[dict[str, Any]]) -> None:
    """The pictures of the docs; one size alone shows no growth."""
    docs = ROOT / "docs"
    in_order = sorted(results, key=lambda found: int(found["cases"]))
    (docs / "bench.svg").write_text(picture.draw(in_order))
    if by_step := results[0].get("cpu_ms_by_step"):
        (docs / "bench-steps.svg").write_text(picture.steps(by_step))


@contextmanager
def house(people: int) -> Iterator[tuple[Ground, float]]:
    """A fresh one, and the load of the machine before it was started."""
    load = round(os.getloadavg()[0], 1)
    place = tempfile.TemporaryDirectory(prefix="rebook-bench-")
    with place as folder, ground(Path(folder), people) as there:
        yield there, load


def keep(found: dict[str, Any]) -> None:
    """Into the file, beside what an earlier run put there under other names."""
    file = BUILD / "bench.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**known, **found}, indent=2))


def asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m tests.bench")
    words.add_argument("cases", nargs="*", type=int, help="how many at once, a house for each")
    words.add_argument("--waiting", type=int, default=0, help="and how many wait in one more house")
    return words.parse_args()


if __name__ == "__main__":
    given = asked()
    main(given.cases or ([] if given.waiting else [200]), given.waiting)
