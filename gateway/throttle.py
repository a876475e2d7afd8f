"""How often something may happen, counted in this process."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rebook.domain import clock

MOST_KEYS = 10_000


@dataclass
class Throttle:
    """At most `most` in any `span` for each key. Old keys are forgotten, so memory has an end."""

    most: int
    span: timedelta
    seen: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def lets_pass(self, key: str = "") -> bool:
        if self.is_spent(key):
            return False
        times = self.seen.setdefault(key, deque())
        self.seen.move_to_end(key)
        if len(self.seen) > MOST_KEYS:
            self.seen.popitem(last=False)
        times.append(clock.now())
        return True

    def is_spent(self, key: str = "") -> bool:
        return self.seen_of(key) >= self.most

    def seen_of(self, key: str = "") -> int:
        """How often within the span that ends now."""
        times = self.seen.get(key, deque())
        while times and times[0] <= clock.now() - self.span:
            times.popleft()
        return len(times)
