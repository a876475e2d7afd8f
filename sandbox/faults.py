"""Faults ordered for a platform's calls or its webhooks; each counts how often it fired."""

import itertools
from dataclasses import asdict, dataclass, field
from typing import Any

HOOK_KINDS = {"drop", "duplicate", "reorder"}
API_KINDS = {"acted_500", "acted_timeout", "refused", "delay"}
_ids = itertools.count(1)


class UnknownFault(Exception):
    """The kind of fault asked for does not exist."""


@dataclass
class Fault:
    """`match` is a text contained in "METHOD /path?query" (calls) or "POST url kind" (webhooks)."""

    platform: str
    kind: str
    count: int = 1
    match: str = ""
    seconds: float = 30.0
    copies: int = 5
    on: str = "api"
    fired: int = 0
    id: int = field(default_factory=lambda: next(_ids))

    def applies(self, platform: str, on: str, text: str) -> bool:
        return (
            self.platform == platform
            and self.on == on
            and self.fired < self.count
            and self.match in text
        )


class Faults:
    def __init__(self) -> None:
        self.ordered: list[Fault] = []

    def order(self, fault: Fault) -> Fault:
        """Numbers are HTTP statuses answered without acting; the rest have names."""
        if fault.kind in HOOK_KINDS:
            fault.on = "webhook"
        elif fault.kind not in API_KINDS and not _is_status(fault.kind):
            raise UnknownFault(fault.kind)
        self.ordered.append(fault)
        return fault

    def take(self, platform: str, on: str, text: str) -> Fault | None:
        """The oldest fault that applies, counted as fired."""
        found = next((f for f in self.ordered if f.applies(platform, on, text)), None)
        if found:
            found.fired += 1
        return found

    def clear(self) -> None:
        self.ordered.clear()

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.ordered]


def _is_status(kind: str) -> bool:
    return kind.isascii() and kind.isdigit() and 400 <= int(kind) <= 599
