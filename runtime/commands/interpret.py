"""`rebook interpret`: JSON lines in, what they mean out. It asks nobody: no ledger, no network."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import typer

from rebook.domain.replies import Asked, Offered, Understood, Window
from rebook.domain.replies import interpret as understand

LONGEST = 1_000_000
CHANNELS = ("sms", "email")
LANGUAGES = ("en", "es", "mix")
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class BadLine(ValueError):
    """What is wrong with a line, without its words."""


@app.command()
def interpret() -> None:
    """Read replies as JSON lines from stdin; write what each means as JSON lines to stdout."""
    try:
        for line in _lines(sys.stdin.buffer):
            if line.strip():
                sys.stdout.write(json.dumps(answer(line)) + "\n")
                sys.stdout.flush()
    except BrokenPipeError:
        sys.stderr.close()


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """One at a time; of a line longer than any reply only the beginning is kept."""
    while line := stream.readline(LONGEST):
        yield line
        while not line.endswith(b"\n") and (line := stream.readline(LONGEST)):
            pass


def answer(line: bytes) -> dict[str, Any]:
    """A line that cannot be read is answered with its id, where it has one, and why."""
    row: Any = None
    try:
        row = json.loads(line)
        return _told(_id(row), understand(_text(row), _asked(row)))
    except (BadLine, OverflowError) as error:
        why = str(error) if isinstance(error, BadLine) else "now or a start is too far away"
        return {"id": _id(row, lenient=True), "error": why}
    except (ValueError, RecursionError):
        return {"id": _id(row, lenient=True), "error": "not a line of JSON"}


def _told(id_: Any, understood: Understood) -> dict[str, Any]:
    return {
        "id": id_,
        "intent": understood.meaning.value,
        "slot": understood.code,
        "window": _window(understood.window),
        "rule": understood.rule,
        "confidence": understood.confidence,
    }


def _window(window: Window | None) -> dict[str, str] | None:
    if window is None:
        return None
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


def _id(row: Any, *, lenient: bool = False) -> Any:
    found = row.get("id") if isinstance(row, dict) else None
    if isinstance(found, str | int):
        return found
    if lenient:
        return None
    raise BadLine("a line is an object with an id" if not isinstance(row, dict) else "id: missing")


def _text(row: dict[str, Any]) -> str:
    text = row.get("text")
    if not isinstance(text, str):
        raise BadLine("text: not a text")
    return text


def _asked(row: dict[str, Any]) -> Asked:
    missed = row.get("missed")
    start = missed.get("start") if isinstance(missed, dict) else missed
    return Asked(
        now=_instant(row.get("now"), "now"),
        zone=_zone(row.get("zone")),
        offered=tuple(_slots(row.get("offer"))),
        channel=_one_of(row.get("channel", "sms"), CHANNELS, "channel"),
        language=_one_of(row.get("lang") or "mix", LANGUAGES, "lang"),
        missed=_instant(start, "missed") if start else None,
    )


def _slots(offer: Any) -> Iterator[Offered]:
    if not isinstance(offer, list | None):
        raise BadLine("offer: not a list")
    seen = set()
    for slot in offer or []:
        if not isinstance(slot, dict):
            raise BadLine("offer: a slot is an object")
        code, minutes = slot.get("code"), slot.get("minutes")
        if not isinstance(code, str | int) or isinstance(code, bool) or str(code) in seen:
            raise BadLine("offer: a code is missing or there twice")
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 < minutes <= 1440:
            raise BadLine("offer: minutes are not between 1 and 1440")
        seen.add(str(code))
        yield Offered(code, _instant(slot.get("start"), "offer: start"), minutes)


def _one_of(value: Any, among: tuple[str, ...], name: str) -> str:
    if value not in among:
        raise BadLine(f"{name}: not one of {', '.join(among)}")
    return str(value)


def _instant(value: Any, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadLine(f"{name}: not a time in ISO 8601") from error
    if found.tzinfo is None:
        raise BadLine(f"{name}: without its offset")
    return found


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(value).key
    except (TypeError, ValueError, KeyError, OSError, AttributeError) as error:
        raise BadLine("zone: not the name of a time zone") from error
