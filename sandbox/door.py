"""The door in front of all platforms: records each call, applies limits and ordered faults."""

import asyncio
import math
from collections.abc import Callable
from typing import Any, Protocol

from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.limits import Limits
from sandbox.traffic import Traffic
from sandbox.wire import Refusal


class Cut(ConnectionError):
    """The connection was cut without an answer (only seen by in-process clients)."""


class Platform(Protocol):
    def fault(self, status: int, wait: int, /) -> Refusal:
        """What this platform answers with such a status."""
        ...


class Door:
    def __init__(
        self,
        platforms: Callable[[], dict[str, Platform]],
        clock: Clock,
        faults: Faults,
        traffic: Traffic,
        limits: Limits | None,
    ) -> None:
        self._platforms = platforms
        self._clock = clock
        self._faults = faults
        self._traffic = traffic
        self._limits = limits

    async def pass_on(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        slug = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        platform = self._platforms().get(slug)
        if platform is None:
            await app(scope, receive, send)
            return
        body = await _body(receive)
        record = self._traffic.call(slug, dict(scope), body, self._clock.now())
        seen = _noting(record, send)
        wait = self._limits.wait(slug, scope["path"]) if self._limits else 0.0
        if wait:
            refusal = platform.fault(429, math.ceil(wait)).response()
            await refusal(scope, receive, seen)
            return
        fault = self._faults.take(slug, "api", _text(record))
        record["fault"] = fault.kind if fault else None
        await _answer(app, platform, fault, scope, _replay(body), seen, send)


async def _answer(
    app: ASGIApp,
    platform: Platform,
    fault: Fault | None,
    scope: Scope,
    receive: Receive,
    seen: Send,
    send: Send,
) -> None:
    if fault is None or fault.kind == "delay":
        await asyncio.sleep(fault.seconds if fault else 0)
        await app(scope, receive, seen)
    elif fault.kind == "refused":
        await _cut(send)
    elif fault.kind == "acted_timeout":
        await app(scope, receive, _nowhere)
        await asyncio.sleep(fault.seconds)
        await _cut(send)
    elif fault.kind == "acted_500":
        await app(scope, receive, _nowhere)
        await platform.fault(500, 0).response()(scope, receive, seen)
    else:
        answer: Response = platform.fault(int(fault.kind), 1).response()
        await answer(scope, receive, seen)


def _text(record: dict[str, Any]) -> str:
    query = f"?{record['query']}" if record["query"] else ""
    return f"{record['method']} {record['path']}{query}"


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _replay(body: bytes) -> Receive:
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _noting(record: dict[str, Any], send: Send) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            record["status"] = message["status"]
        await send(message)

    return noting


async def _nowhere(message: Message) -> None:
    """The platform acted, and its answer is lost."""


async def _cut(send: Send) -> None:
    """Abort the client's connection; uvicorn's `send` is a method of the cycle that owns it."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise Cut
    transport.abort()
    for _ in range(3):
        await asyncio.sleep(0)
