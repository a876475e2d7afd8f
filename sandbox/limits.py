"""Documented rate limits as sliding windows over real time, per platform and kind of call."""

import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    platform: str
    path: str
    calls: int
    seconds: float


# Sources: the FACTS of each platform. Slack's "about one a second per channel, bursts tolerated"
# is taken as ten in ten seconds; its tier 3 as 50 a minute, tier 4 as 100.
LIMITS = [
    Limit("acuity", "/", 10, 1.0),
    Limit("google_calendar", "/calendar/", 600, 60.0),
    Limit("twilio", "/", 100, 1.0),
    Limit("sendgrid", "/messages", 60, 60.0),
    Limit("sendgrid", "/mail/send", 10_000, 1.0),
    Limit("slack", "chat.postMessage", 10, 10.0),
    Limit("slack", "chat.update", 50, 60.0),
    Limit("slack", "conversations.history", 50, 60.0),
    Limit("slack", "conversations.replies", 50, 60.0),
    Limit("slack", "users.lookupByEmail", 50, 60.0),
]


class Limits:
    def __init__(self, more: Sequence[Limit] = ()) -> None:
        self._limits = [*LIMITS, *more]
        self._seen: dict[Limit, deque[float]] = defaultdict(deque)

    def wait(self, platform: str, path: str) -> float:
        """Seconds until this call would be allowed; 0.0 means it is, and it is counted."""
        now = time.monotonic()
        limits = [lim for lim in self._limits if lim.platform == platform and lim.path in path]
        waits = [self._left(limit, now) for limit in limits]
        if any(waits):
            return max(waits)
        for limit in limits:
            self._seen[limit].append(now)
        return 0.0

    def _left(self, limit: Limit, now: float) -> float:
        seen = self._seen[limit]
        while seen and seen[0] <= now - limit.seconds:
            seen.popleft()
        return seen[0] + limit.seconds - now if len(seen) >= limit.calls else 0.0
