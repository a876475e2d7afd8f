"""Who calls address after address that no platform was ever given waits before the next is looked up (W20).

Counted by the caller's address. A connection that is known is always served: vendors send the webhooks of
all their customers from the same few addresses, and may go on calling one that was taken away.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import Request

from gateway.refusals import Refusal
from gateway.settings import GatewaySettings
from gateway.throttle import Throttle
from gateway.visitors import block_of

TEN_MINUTES = timedelta(minutes=10)


@dataclass
class Strangers:
    """`misses`: unknown names an address may try."""

    settings: GatewaySettings
    misses: Throttle = field(default_factory=lambda: Throttle(100, TEN_MINUTES))
    known: set[str] = field(default_factory=set)

    def hold_up(self, request: Request, connection: str) -> None:
        """Raises `Refusal` for somebody who has tried enough, unless the connection is known."""
        if connection not in self.known and self.misses.is_spent(self._who(request)):
            after = str(round(TEN_MINUTES.total_seconds()))
            raise Refusal(429, "too many requests", {"Retry-After": after})

    def found(self, connection: str) -> None:
        self.known.add(connection)

    def missed(self, request: Request) -> None:
        if who := self._who(request):
            self.misses.lets_pass(who)

    def _who(self, request: Request) -> str:
        """Empty where only our own proxy is to be seen: nobody is held up for others then."""
        header = self.settings.gateway_address_header
        return block_of(request.scope, self.settings.proxies, header)
