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
        now = clock.now()
        times = self.seen.setdefault(key, deque())
        self.seen.move_to_end(key)
        while times and times[0] <= now - self.span:
            times.popleft()
        if len(self.seen) > MOST_KEYS:
            self.seen.popitem(last=False)
        if len(times) >= self.most:
            return False
        times.append(now)
        return True
