"""How fast the machine is meanwhile: the CPU time of a fixed piece of work, done over and over.

A shared machine's speed changes by a quarter within minutes; what was measured at different times
compares only by it. Takes about two hundredths of a core.
"""

import json
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PAUSE_SECONDS = 0.3
ROWS = [{"number": number, "name": str(number), "pair": [number, number]} for number in range(300)]


@dataclass
class Speed:
    """`ms` is there once the block has ended."""

    ms: float = 0.0


@contextmanager
def beside() -> Iterator[Speed]:
    """Measures in a process of its own while the block lasts."""
    speed = Speed()
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield speed
        answer, _ = process.communicate(b"\n")
        speed.ms = float(answer)


def work() -> None:
    for _ in range(6):
        found: dict[str, int] = {}
        for row in json.loads(json.dumps(ROWS)):
            found[row["name"]] = found.get(row["name"], 0) + row["number"] + sum(row["pair"])


def _once() -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main() -> None:
    """Until a line comes in; says the mean in milliseconds."""
    took = [_once()]
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        took.append(_once())
    sys.stdout.write(f"{statistics.mean(took):.3f}\n")


if __name__ == "__main__":
    main()
