"""What Prefect's server does otherwise where we start it, and that nothing else changes by it."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import psycopg
import pytest
from prefect.server.utilities.database import Timestamp
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from runtime import prefect_server
from tests.conftest import Cluster

MOMENTS = [
    datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=ZoneInfo("Europe/Berlin")),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-8))),
    pendulum.datetime(2026, 10, 25, 2, 30, tz="Europe/Berlin", fold=0),
    pendulum.datetime(2026, 11, 23, 15, 36, 34, 123456, tz="UTC"),
]

DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_time_reaches_the_database_as_the_same_instant(moment: datetime) -> None:
    plain = prefect_server.plain_time(Timestamp(), moment, DIALECT)
    assert plain is not None
    assert (plain, plain.tzinfo, type(plain)) == (moment.astimezone(UTC), UTC, datetime)


def test_no_time_stays_none() -> None:
    assert prefect_server.plain_time(Timestamp(), None, DIALECT) is None


def test_a_time_without_a_zone_is_refused_as_ever() -> None:
    with pytest.raises(ValueError, match="timezone"):
        prefect_server.plain_time(Timestamp(), MOMENTS[0].replace(tzinfo=None), DIALECT)


async def processes(url: str) -> tuple[int, int]:
    """The server's process behind a pool of one connection, before and after the server ended it."""
    engine = create_async_engine(url, pool_pre_ping=True, pool_size=1, max_overflow=0)
    which = text("SELECT pg_backend_pid()")
    async with engine.connect() as connection:
        first = await connection.scalar(which)
        driver = (await connection.get_raw_connection()).driver_connection
    async with await psycopg.AsyncConnection.connect(url.replace("+asyncpg", "")) as other:
        await other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    async with asyncio.timeout(30):
        while driver is not None and not driver.is_closed():
            await asyncio.sleep(0.01)
    async with engine.connect() as connection:
        second = await connection.scalar(which)
    await engine.dispose()
    return first, second


def test_a_connection_that_its_server_ended_is_not_handed_out(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def ask(dialect: PGDialect_asyncpg, connection: Any) -> bool:
        asked.append(prefect_server.still_open(dialect, connection))
        return asked[-1]

    monkeypatch.setattr(PGDialect_asyncpg, "do_ping", ask)
    password = cluster.keyring.passwords["prefect"]
    url = cluster.postgres.url("prefect", "prefect", password, driver="asyncpg")
    first, second = asyncio.run(processes(url))
    assert (first != second, asked) == (True, [False])


def test_each_habit_is_one_that_this_prefect_has() -> None:
    for owner, habit, _ in prefect_server.HABITS:
        assert callable(getattr(owner, habit))
