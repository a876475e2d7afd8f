"""What `rebook doctor` looks at, a file for each part. A check measures; it never changes anything."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """`todo` says what to do about it; it is empty where nothing is wrong."""

    about: str
    level: Level
    found: str
    todo: str = ""


def ok(about: str, found: str) -> Finding:
    return Finding(about, Level.OK, found)


def warn(about: str, found: str, todo: str) -> Finding:
    return Finding(about, Level.WARN, found, todo)


def fail(about: str, found: str, todo: str) -> Finding:
    return Finding(about, Level.FAIL, found, todo)
