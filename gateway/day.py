"""What a technician's page shows, read from the opened view. What is missing shows as nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.words import Words
from rebook.domain import wording

BUTTONS = ("no_one_home", "no_access", "running_late", "another_day", "note", "mistake")
"""Every report, in the order of the buttons."""
STATUS = ("cancelled", "noshow", "fulfilled")
Worded = Callable[[datetime, str, str], str]
TAKEN = {"taken back": "taken_back", "told the office": "told_the_office"}


@dataclass(frozen=True)
class Visit:
    ref: str
    time: str
    client: str
    service: str
    place: str
    status_words: str
    reported: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    business: str
    business_phone: str
    day: str
    zone: str
    visits: tuple[Visit, ...]

    @property
    def dialled(self) -> str:
        return "".join(c for c in self.business_phone if c in "+0123456789")

    @property
    def zone_name(self) -> str:
        return self.zone.rpartition("/")[2].replace("_", " ")

    def visit(self, ref: str) -> Visit | None:
        return next((one for one in self.visits if one.ref == ref), None)


def read(raw: Mapping[str, Any], words: Words) -> Day:
    """In the words of one language. A view written before an upgrade has words and no instants."""
    zone, noon = _text(raw, "zone"), _text(raw, "noon")
    return Day(
        business=_text(raw, "business"),
        business_phone=_text(raw, "business_phone"),
        day=_instant(wording.day, noon, zone, words) or _text(raw, "day"),
        zone=zone,
        visits=tuple(_visit(one, zone, words) for one in raw.get("visits") or ()),
    )


def _visit(raw: Mapping[str, Any], zone: str, words: Words) -> Visit:
    status = _text(raw, "status")
    return Visit(
        **{name: _text(raw, name) for name in ("ref", "client", "service", "place")},
        time=_instant(wording.hour, _text(raw, "starts_at"), zone, words) or _text(raw, "time"),
        status_words=words(f"status_{status}") if status in STATUS else "",
        reported=tuple(_reported(one, words) for one in raw.get("reported") or ()),
    )


def _instant(shown: Worded, written: str, zone: str, words: Words) -> str:
    return shown(datetime.fromisoformat(written), zone, words.language) if written else ""


def _reported(raw: Mapping[str, Any], words: Words) -> str:
    kind = _text(raw, "kind")
    said = words(f"report_{kind}" if kind in BUTTONS else "report")
    outcome = TAKEN.get(_text(raw, "outcome"), "")
    return f"{said} ({words(outcome)})" if outcome else said


def _text(raw: Mapping[str, Any], name: str) -> str:
    return str(raw.get(name) or "")
