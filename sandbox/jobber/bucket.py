"""Jobber's limit by cost: a leaky bucket in real time, told in every answer."""

import time

from sandbox.wire import Json

MOST, RESTORED = 10_000, 500


class Bucket:
    def __init__(self, *, enforced: bool) -> None:
        self._enforced = enforced
        self._level = float(MOST)
        self._at = time.monotonic()

    def take(self, cost: int) -> bool:
        """False when there is not enough, and then nothing is taken."""
        self._refill()
        if self._enforced and cost > self._level:
            return False
        self._level = max(self._level - cost, 0.0)
        return True

    def drain(self) -> None:
        self._refill()
        self._level = 0.0

    def told(self, cost: int, *, acted: bool) -> Json:
        throttle = {
            "maximumAvailable": MOST,
            "currentlyAvailable": int(self._level),
            "restoreRate": RESTORED,
        }
        spent = cost if acted else None
        return {
            "cost": {
                "requestedQueryCost": cost,
                "actualQueryCost": spent,
                "throttleStatus": throttle,
            }
        }

    def _refill(self) -> None:
        now = time.monotonic()
        self._level = min(MOST, self._level + (now - self._at) * RESTORED)
        self._at = now
