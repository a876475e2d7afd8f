"""The list of deals knows days only: the last two are listed again, and each deal compared by its date.

The cursor is `{"since": day, "seen": {id: changed}}`; it never holds a person.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from connectors.activecampaign import wire
from connectors.activecampaign.account import Account, Row
from connectors.contract import Page
from connectors.parsing import documented, whole_number
from rebook.domain import clock
from rebook.domain.appointments import Appointment

OVERLAP = timedelta(days=2)
AT_ONCE = 20


class Window:
    """Deals changed since a day. Those our key may not see whole have no stage and are left out."""

    def __init__(self, account: Account, settings: Mapping[str, str], cursor: str | None) -> None:
        self._account = account
        self._settings = settings
        self._since, self._seen = _load(cursor)

    def pages(self) -> Iterator[Page]:
        today = clock.now().date()
        back = whole_number(self._settings, "days_back", 30)
        since = self._since or (today - timedelta(days=back)).isoformat()
        listed: dict[str, str] = {}
        found: list[Appointment] = []
        for deal in self._account.rows("deals", "deals", **self._asked(since)):
            with documented():
                deal_id, changed = str(deal["id"]), _changed(deal)
            listed[deal_id] = changed
            if self._seen.get(deal_id) == changed:
                continue
            found += self._read(deal)
            self._seen[deal_id] = changed
            if len(found) == AT_ONCE:
                yield Page(found, _dump(since, self._seen))
                found = []
        yield Page(found, _dump((today - OVERLAP).isoformat(), listed), last=True)

    def _asked(self, since: str) -> dict[str, Any]:
        pipeline = self._settings.get("pipeline") or None
        oldest_first = {"filters[updated_after]": since, "orders[cdate]": "ASC"}
        return {**oldest_first, "filters[group]": pipeline}

    def _read(self, deal: Row) -> list[Appointment]:
        if "stage" not in deal:
            return []
        return wire.readable(self._account.whole(deal), self._settings)


def _changed(deal: Row) -> str:
    """A deal that our key may not see whole has no date."""
    return f"{deal.get('mdate', '')} {deal.get('stage', '')}"


def _dump(since: str, seen: Mapping[str, str]) -> str:
    return json.dumps({"since": since, "seen": seen}, separators=(",", ":"), sort_keys=True)


def _load(cursor: str | None) -> tuple[str, dict[str, str]]:
    """A cursor we cannot read is none: everything is read again."""
    try:
        kept = json.loads(cursor or "{}")
        since = date.fromisoformat(kept["since"]).isoformat()
        return since, {str(one): str(mark) for one, mark in kept["seen"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", {}
