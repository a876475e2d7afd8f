"""What a running supervisor tells others about itself: `up.json` in the data folder."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runtime.process import Child

LOCK = "up.lock"
FILE = "up.json"


@dataclass(frozen=True)
class State:
    """`children` maps a name to its process id and how often it was started again."""

    pid: int
    addresses: dict[str, str]
    children: dict[str, dict[str, int]]


def write_state(folder: Path, addresses: Mapping[str, str], children: Iterable[Child]) -> None:
    """Whole or not at all: readers poll for it."""
    state = {
        "pid": os.getpid(),
        "addresses": dict(addresses),
        "children": {
            child.spec.name: {"pid": child.process.pid, "restarts": child.restarts}
            for child in children
            if child.process is not None
        },
    }
    part = folder / f"{FILE}.part"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file, indent=1)
    part.replace(folder / FILE)


def read_state(folder: Path) -> State | None:
    """None while nothing is up."""
    with suppress(FileNotFoundError):
        return State(**json.loads((folder / FILE).read_text()))
    return None


def forget_state(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)
