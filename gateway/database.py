"""The gateway's database: a role that may insert what came in and read three things. Nothing more."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from gateway.refusals import Unavailable
from rebook.failpoints import fp
from rebook.sockets import has_news

SESSION = {
    "autocommit": True,
    "connect_timeout": 2,
    "options": "-c statement_timeout=3000 -c lock_timeout=3000 -c timezone=UTC",
    "application_name": "gateway",
}
PATIENCE = 4.0

STORE = """
WITH stored AS (
    INSERT INTO inbox
        (connection, kind, dedupe_key, twin_key, sealed, received_at, attempts, fault)
    VALUES
        (%(connection)s, %(kind)s, %(dedupe_key)s, %(twin_key)s, %(sealed)s, %(received_at)s, 0, '')
    ON CONFLICT DO NOTHING
)
SELECT pg_notify('rebook_inbox', '')
"""


ASK = """
WITH asked AS (
    INSERT INTO ask (connection, kind, secret_hash, sealed, asked_at)
    VALUES (%(connection)s, %(kind)s, %(secret_hash)s, %(sealed)s, %(asked_at)s)
)
SELECT pg_notify('rebook_asks', '')
"""
ASKS_SECONDS = 4.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Door:
    """What the gateway may know of a connection."""

    slug: str
    settings: dict[str, Any]
    secrets: bytes


@dataclass(frozen=True)
class Arrival:
    """A row for the inbox. `sealed` can be opened by workers only."""

    connection: str
    kind: str
    dedupe_key: str | None
    twin_key: str
    sealed: bytes
    received_at: datetime


@dataclass(frozen=True)
class Question:
    """A row a worker answers at once. `secret` opens its answer, and stays in this process."""

    connection: str
    kind: str
    secret: str
    secret_hash: str
    sealed: bytes
    asked_at: datetime


async def _still_open(session: psycopg.AsyncConnection[Any]) -> None:
    """A server that ended a session has said so on it: no need to ask one that says nothing.

    The pool keeps what fails here unless it is closed.
    """
    if has_news(session.fileno()):
        await session.close()
        raise psycopg.OperationalError("its server has ended it")


class Database:
    """One statement, one transaction each. `Unavailable` within four seconds of no answer."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(
            url.replace("postgresql+psycopg:", "postgresql:", 1),
            kwargs=SESSION,
            check=_still_open,
            min_size=1,
            max_size=8,
            timeout=2,
            reconnect_timeout=2,
            open=False,
        )

    async def open(self) -> None:
        """Does not wait for the server: the gateway starts, and says 503, without it."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close(timeout=2)

    async def door(self, connection: str) -> Door | None:
        query = "SELECT slug, settings, door_secrets FROM door WHERE id = %s"
        async with self._session(PATIENCE) as session:
            row = await (await session.execute(query, [connection])).fetchone()
        return Door(*row) if row else None

    async def page(self, token_hash: str, at: datetime) -> bytes | None:
        query = "SELECT view FROM client_page WHERE token_hash = %s AND expires_at > %s"
        async with self._session(PATIENCE) as session:
            row = await (await session.execute(query, [token_hash, at])).fetchone()
        return bytes(row[0]) if row else None

    async def visits(self, token_hash: str, at: datetime) -> bytes | None:
        query = "SELECT view FROM technician_page WHERE token_hash = %s AND expires_at > %s"
        async with self._session(PATIENCE) as session:
            row = await (await session.execute(query, [token_hash, at])).fetchone()
        return bytes(row[0]) if row else None

    async def store(self, arrival: Arrival) -> None:
        """Committed when this returns; a duplicate leaves what is there."""
        fp("gateway.before_commit")
        async with self._session(PATIENCE) as session:
            await session.execute(STORE, vars(arrival))
        fp("gateway.after_commit")

    async def ask(self, question: Question) -> bytes | None:
        """The answer, within four seconds. It looks again and again: callers who wait keep no session."""
        columns = {name: value for name, value in vars(question).items() if name != "secret"}
        async with self._session(PATIENCE) as session:
            await session.execute(ASK, columns)
        query = "SELECT answer FROM ask_answered WHERE secret_hash = %s"
        end = time.monotonic() + ASKS_SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(LOOK_SECONDS)
            async with self._session(PATIENCE) as session:
                row = await (await session.execute(query, [question.secret_hash])).fetchone()
            if row:
                return bytes(row[0])
        return None

    async def answers(self) -> bool:
        try:
            async with self._session(1.0) as session:
                await session.execute("SELECT 1")
        except Unavailable:
            return False
        return True

    @asynccontextmanager
    async def _session(
        self, patience: float
    ) -> AsyncIterator[psycopg.AsyncConnection[tuple[Any, ...]]]:
        try:
            async with asyncio.timeout(patience), self._pool.connection() as session:
                yield session
        except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError):
            raise Unavailable from None
