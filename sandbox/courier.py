"""Delivers webhooks in the background: retries 5xx and dead connections, never blocks the sender."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.traffic import Traffic

Build = Callable[[], tuple[dict[str, str], bytes]]


@dataclass(frozen=True)
class Post:
    """One webhook. `build` signs anew for every attempt, as timestamps age."""

    platform: str
    url: str
    kind: str
    build: Build
    attempts: int = 30
    timeout: float = 15.0
    on_answer: Callable[[httpx.Response], None] | None = None


class Courier:
    def __init__(self, clock: Clock, faults: Faults, traffic: Traffic) -> None:
        self._clock = clock
        self._faults = faults
        self._traffic = traffic
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, list[asyncio.Event]] = defaultdict(list)
        self._client: httpx.AsyncClient | None = None

    def send(self, post: Post, *, after: float = 0.0) -> dict[str, Any]:
        """Hand over for delivery; the fault, if one is ordered, is chosen now, in sending order."""
        fault = self._faults.take(post.platform, "webhook", f"POST {post.url} {post.kind}")
        record = self._traffic.delivery(post.platform, post.url, post.kind, self._clock.now())
        record["fault"] = fault.kind if fault else None
        self._start(self._deliver(post, fault, record, after))
        return record

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Something a platform does a moment later, unless the town is reset before."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            act()

        self._start(wait())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def forget(self) -> None:
        """Drop what is under way."""
        under_way = list(self._tasks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def close(self) -> None:
        await self.forget()
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _deliver(
        self, post: Post, fault: Fault | None, record: dict[str, Any], after: float
    ) -> None:
        await asyncio.sleep(after)
        if fault and fault.kind == "drop":
            record["outcome"] = "dropped"
            return
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "reorder":
            await self._wait_for_a_later_one(post.platform, fault.seconds)
        copies = fault.copies if fault and fault.kind == "duplicate" else 1
        await asyncio.gather(*(self._attempt(post, record) for _ in range(copies)))
        if not (fault and fault.kind == "reorder"):
            self._release(post.platform)

    async def _wait_for_a_later_one(self, platform: str, seconds: float) -> None:
        gate = asyncio.Event()
        self._held[platform].append(gate)
        try:
            await asyncio.wait_for(gate.wait(), seconds)
        except TimeoutError:
            self._held[platform].remove(gate)

    def _release(self, platform: str) -> None:
        for gate in self._held.pop(platform, []):
            gate.set()

    async def _attempt(self, post: Post, record: dict[str, Any]) -> None:
        pause = 0.2
        for attempt in range(post.attempts):
            if attempt:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 2.5)
            if await self._once(post, record):
                return
        record["outcome"] = "failed"

    async def _once(self, post: Post, record: dict[str, Any]) -> bool:
        """True when this copy is settled: answered with anything but a 5xx."""
        headers, body = post.build()
        record["attempts"] += 1
        record["body"] = body.decode("utf-8", "replace")
        try:
            answer = await self._http().post(
                post.url, content=body, headers=headers, timeout=post.timeout
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            record["status"] = type(error).__name__
            return False
        record["status"] = answer.status_code
        if answer.status_code >= 500:
            return False
        record["outcome"] = "delivered" if answer.is_success else "refused"
        if post.on_answer:
            post.on_answer(answer)
        return True

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        return self._client
