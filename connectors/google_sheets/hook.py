"""What our script in the sheet says: the ids and status words of edited rows, or only 'go and look'.

No name, number or address leaves the sheet this way.
"""

from collections.abc import Mapping
from typing import Any

from connectors.contract import Translated
from connectors.google_sheets import wire
from connectors.parsing import json_of
from rebook.domain.appointments import Change, Status
from rebook.domain.messages import PollNow

MOST_ROWS = 50


def event_id(body: bytes) -> str | None:
    told = json_of(body)
    named = told.get("event") if isinstance(told, dict) else None
    return named if isinstance(named, str) and 0 < len(named) <= 64 else None


def translated(body: bytes, settings: Mapping[str, str]) -> list[Translated]:
    """A row that is not told whole, or in another way than by its id, is found by looking."""
    told = json_of(body)
    if not isinstance(told, dict) or told.get("source") != "rebook-sheet":
        return []
    rows = told.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_ROWS:
        return [PollNow()]
    changes = [_change(row, settings) for row in rows]
    return [change or PollNow() for change in changes]


def _change(row: Any, settings: Mapping[str, str]) -> Change | None:
    if not isinstance(row, dict):
        return None
    named, word = row.get("id"), row.get("status")
    if not isinstance(named, str) or not named.strip() or not isinstance(word, str):
        return None
    kind = wire.KINDS.get(wire.status_of(word, settings) or Status.BOOKED)
    return Change(kind, named.strip()) if kind else None
