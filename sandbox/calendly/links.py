"""Links for one booking, and the plan that leaves an account nothing but them."""

import secrets
from urllib.parse import parse_qsl, urlsplit

from sandbox.calendly.wire import forbidden, invalid, last, not_found, refusal
from sandbox.clock import Clock
from sandbox.wire import Json

AT = "https://calendly.sandbox.test/d/"


class Links:
    """`plan` is `paid`, `free` (no booking by call), or `spent` (a hundred bookings today)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.plan = "paid"
        self._open: dict[str, str] = {}

    def require_booking_by_call(self) -> None:
        if self.plan == "free":
            raise forbidden("Please upgrade your Calendly account to use this feature.")
        if self.plan == "spent":
            refused = refusal(429, "Too Many Requests", "The daily limit is reached.")
            left = 86_400 - int(self._clock.timestamp()) % 86_400
            limit = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}
            refused.headers.update({**limit, "X-RateLimit-Reset": str(max(left, 600))})
            raise refused

    def make(self, body: Json) -> Json:
        if body.get("max_event_count") != 1 or body.get("owner_type") != "EventType":
            raise invalid("max_event_count", "must be 1, of an EventType")
        code = secrets.token_hex(4)
        self._open[code] = str(body.get("owner"))
        name = last(body.get("owner")).lower()
        return {
            "booking_url": f"{AT}{code}/{name}",
            "owner": body["owner"],
            "owner_type": "EventType",
        }

    def use(self, address: str) -> tuple[str, Json]:
        """The event type and the tracking of a link that is used now, and never again."""
        parts = urlsplit(address)
        service = self._open.pop(parts.path.split("/")[2], None)
        if service is None:
            raise not_found()
        return service, dict(parse_qsl(parts.query))
