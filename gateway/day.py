"""What a technician's page shows, read from the opened view. What is missing shows as nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BUTTONS: dict[str, str] = {
    "no_one_home": "No one home",
    "no_access": "No access",
    "running_late": "Running late",
    "another_day": "Client asks for another day",
    "note": "Only send the note",
    "mistake": "That was a mistake",
}
"""Every report, as its button says it."""
STATUS: dict[str, str] = {
    "cancelled": "Cancelled: do not go",
    "noshow": "Marked as missed",
    "fulfilled": "Done",
}
TAKEN = {"taken back": "taken back", "told the office": "the office knows"}


@dataclass(frozen=True)
class Visit:
    ref: str
    time: str
    client: str
    service: str
    place: str
    status: str
    reported: tuple[str, ...]

    @property
    def status_words(self) -> str:
        return STATUS.get(self.status, "")


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


def read(raw: Mapping[str, Any]) -> Day:
    return Day(
        **{name: _text(raw, name) for name in ("business", "business_phone", "day", "zone")},
        visits=tuple(_visit(one) for one in raw.get("visits") or ()),
    )


def _visit(raw: Mapping[str, Any]) -> Visit:
    texts = ("ref", "time", "client", "service", "place", "status")
    reported = tuple(_reported(one) for one in raw.get("reported") or ())
    return Visit(**{name: _text(raw, name) for name in texts}, reported=reported)


def _reported(raw: Mapping[str, Any]) -> str:
    words = BUTTONS.get(_text(raw, "kind"), "Report")
    outcome = TAKEN.get(_text(raw, "outcome"), "")
    return f"{words} ({outcome})" if outcome else words


def _text(raw: Mapping[str, Any], name: str) -> str:
    return str(raw.get(name) or "")
