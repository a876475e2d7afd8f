"""The labelled replies, and how well they are read: right, asked back, misread or harmful."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from rebook.domain.replies import Asked, Meaning, Offered, Understood, interpret

CORPUS = Path(__file__).parent / "corpus"
HELD_BACK = ("held_back", "held_back_2")
"""Kept out of sight while the rules were written; scored once, and never by the test run."""
HEAD = ["intent", "right", "asked back", "misread", "harmful"]
OPEN = sorted(path.stem for path in CORPUS.glob("*.jsonl") if path.stem not in HELD_BACK)


@dataclass(frozen=True)
class Labelled:
    """One invented reply with what it means."""

    setting: str
    channel: str
    lang: str
    text: str
    intent: str
    slot: int | str | None
    window: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Graded:
    reply: Labelled
    found: Understood
    grade: str


@lru_cache
def settings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CORPUS / "settings.json").read_text())
    return found


def replies(*names: str) -> Iterator[Labelled]:
    for name in names:
        for line in (CORPUS / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            window = row.pop("window")
            between = (instant(window["start"]), instant(window["end"])) if window else None
            yield Labelled(**row, window=between)


def asked(reply: Labelled) -> Asked:
    setting = settings()[reply.setting]
    offered = tuple(
        Offered(slot["code"], instant(slot["start"]), slot["minutes"]) for slot in setting["offer"]
    )
    return Asked(
        now=instant(setting["now"]), zone=setting["zone"], offered=offered,
        channel=reply.channel, language=reply.lang, missed=instant(setting["missed"]),
    )  # fmt: skip


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def grade(reply: Labelled) -> Graded:
    found = interpret(reply.text, asked(reply))
    return Graded(reply, found, _grade(reply, found))


def _grade(reply: Labelled, found: Understood) -> str:
    window = (found.window.start, found.window.end) if found.window else None
    right = (found.meaning, found.code, window) == (reply.intent, reply.slot, reply.window)
    if right:
        return "right"
    if found.meaning is Meaning.ACCEPT or reply.intent == Meaning.OPT_OUT:
        return "harmful"
    return "asked back" if found.meaning is Meaning.UNCLEAR else "misread"


def graded(*names: str) -> list[Graded]:
    return [grade(reply) for reply in replies(*names)]


def table(rows: list[Graded]) -> list[list[str]]:
    """Per intent: how many, right, asked back, misread, harmful."""
    counts = Counter((row.reply.intent, row.grade) for row in rows)
    kinds = HEAD[1:]
    lines = [[str(m), *(str(counts[m, kind]) for kind in kinds)] for m in Meaning]
    return [*lines, ["all", *(str(sum(row.grade == kind for row in rows)) for kind in kinds)]]


def share(rows: list[Graded]) -> float:
    """Right or asked back."""
    return sum(row.grade in ("right", "asked back") for row in rows) / len(rows)
