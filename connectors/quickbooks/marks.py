"""Rebook's line in an invoice's private note: the new time, the old one, and the losses it answers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.errors import Refused
from connectors.records import moment, written

LINE = re.compile(r"^\[rebook\] booked (\S+) instead of (\S+) \(([^()]*)\)\s*$", re.MULTILINE)
LONGEST = 4000


@dataclass(frozen=True)
class Mark:
    at: datetime
    was: datetime
    answers: frozenset[str]


def read(note: str) -> Mark | None:
    """The last of our lines that can be read."""
    for at, was, answers in reversed(LINE.findall(note)):
        new, old = moment(at, None), moment(was, None)
        if new and old:
            return Mark(new, old, frozenset(answers.split()))
    return None


def line(at: datetime, was: datetime, answers: Iterable[str], zone: str) -> str:
    told = " ".join(sorted(answers))
    return f"[rebook] booked {written(at, zone)} instead of {written(was, zone)} ({told})"


def replaced(note: str, mark: str) -> str:
    """Our older lines give way to the new one; what people wrote stays."""
    return added("\n".join(row for row in note.splitlines() if not LINE.match(row)), mark)


def added(note: str, text: str) -> str:
    """QuickBooks takes 4000 letters. What people wrote is never cut for ours."""
    whole = f"{note.rstrip()}\n{text}".lstrip()
    if len(whole) > LONGEST:
        raise Refused("the invoice's private note is full", code="note_full")
    return whole
