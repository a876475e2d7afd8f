"""uvicorn's HTTP/1.1 protocol with deadlines, since uvicorn waits for headers without end."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


class DeadlineProtocol(H11Protocol):
    """One timer a connection: for the next request's headers, then for the request as a whole."""

    header_seconds = 10.0
    request_seconds = 30.0
    _timer: asyncio.TimerHandle | None = None
    _timed: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self._within(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and self.cycle is not self._timed:
            self._timed = self.cycle
            self._within(self.request_seconds)

    def on_response_complete(self) -> None:
        """Armed first: the parent may begin a pipelined request, which arms its own."""
        self._within(self.header_seconds)
        super().on_response_complete()

    def _within(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def protocol(seconds: float) -> type[DeadlineProtocol]:
    """The protocol with `seconds` for headers, and three times that for everything."""
    values = {"header_seconds": seconds, "request_seconds": 3 * seconds}
    return type("DeadlineProtocol", (DeadlineProtocol,), values)
