"""Who opens link after link that does not work is guessing, and waits (C4).

Counted by address, in this process. A link that works costs nothing, and webhooks do not come here:
vendors send those of all their customers from the same few addresses.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import language, render
from gateway.settings import GatewaySettings
from gateway.throttle import Throttle
from gateway.visitors import block_of

LINKS = re.compile(r"/[oatu]/|/(offer|visit|visits)(/|$)")
"""The first hop of a link, and the pages that are opened by its cookie."""
TEN_MINUTES = timedelta(minutes=10)
WHILE_MANY_GUESS = 3


@dataclass
class Guesses:
    """`each`: misses an address may have. While `all` of them together are too many, it may have few."""

    app: ASGIApp
    settings: GatewaySettings
    each: Throttle = field(default_factory=lambda: Throttle(20, TEN_MINUTES))
    all: Throttle = field(default_factory=lambda: Throttle(300, timedelta(minutes=1)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not LINKS.match(scope["path"]):
            await self.app(scope, receive, send)
            return
        who = block_of(scope, self.settings.proxies, self.settings.gateway_address_header)
        if who and self._has_guessed_enough(who):
            await self._wait(Request(scope))(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 404:
                self.all.lets_pass()
                self.each.lets_pass(who)
            await send(message)

        await self.app(scope, receive, watched)

    def _has_guessed_enough(self, who: str) -> bool:
        most = WHILE_MANY_GUESS if self.all.is_spent() else self.each.most
        return self.each.seen_of(who) >= most

    def _wait(self, request: Request) -> ASGIApp:
        words = language.of(request, self.settings)
        page = render.page("busy", words, 429, what="guessed", back="")
        page.headers["Retry-After"] = str(round(TEN_MINUTES.total_seconds()))
        return page
