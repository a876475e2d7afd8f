"""What Prefect's server does otherwise where we start it, and that nothing else changes by it."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pendulum
import psycopg
import pytest
from jsonschema import SchemaError
from prefect.server.events.schemas.events import Event, Resource
from prefect.server.utilities.database import Timestamp
from prefect.utilities.schema_tools import validation
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import MANYTOONE

from runtime import prefect_server
from tests.conftest import Cluster

MOMENTS = [
    datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=ZoneInfo("Europe/Berlin")),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-8))),
    pendulum.datetime(2026, 10, 25, 2, 30, tz="Europe/Berlin", fold=0),
    pendulum.datetime(2026, 11, 23, 15, 36, 34, 123456, tz="UTC"),
]

RESOURCE = Resource({"prefect.resource.id": "rebook.case.c-1"})
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


SCHEMA: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer"}}}


def test_a_schema_is_examined_once_and_what_it_says_is_checked_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examined: list[Any] = []
    monkeypatch.setattr(prefect_server, "_as_prefect_checks", lambda s, **_: examined.append(s))
    monkeypatch.setattr(validation._VALIDATOR, "check_schema", staticmethod(prefect_server.sound))
    prefect_server._sound.cache_clear()
    for value in (1, 2):
        validation.validate({"a": value}, SCHEMA, raise_on_error=True)
        with pytest.raises(validation.ValidationError, match=r"field .a."):
            validation.validate({"a": f"no {value}"}, dict(SCHEMA), raise_on_error=True)
    validation.validate({}, {**SCHEMA, "required": []}, raise_on_error=True)
    prefect_server._sound.cache_clear()
    assert len(examined) == 2


def test_an_unsound_schema_is_refused_however_often_it_comes() -> None:
    for _ in range(2):
        with pytest.raises(SchemaError):
            prefect_server.sound({"type": "nothing"})


def test_each_reader_of_an_event_has_a_copy_of_its_own() -> None:
    told = Event(
        occurred=pendulum.now("UTC"), event="rebook.case.opened", resource=RESOURCE, id=uuid4()
    ).receive()
    data = told.model_dump_json().encode()
    first, second = prefect_server.event_of(data), prefect_server.event_of(bytes(bytearray(data)))
    assert (first, second) == (told, told)
    first.event = "changed"
    assert second.event == prefect_server.event_of(data).event == "rebook.case.opened"


def test_what_is_no_event_is_refused_as_ever() -> None:
    with pytest.raises(ValueError, match="Field required"):
        prefect_server.event_of(b"{}")


COUNT = """
import asyncio
import subprocess
import sys
from uuid import uuid4
from runtime import prefect_server
prefect_server.prepare() if {prepared} else None
from prefect.server.database.orm_models import Deployment, Flow, FlowRun, WorkPool, WorkQueue
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

async def count() -> int:
    engine = create_async_engine("sqlite+aiosqlite://")
    asked, every = [], WorkQueue.metadata.sorted_tables
    tables = [one for one in every if not one.name.startswith("artifact")]
    async with engine.begin() as connection:
        await connection.run_sync(WorkQueue.metadata.create_all, tables=tables)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        flow, pool = Flow(name="f"), WorkPool(name="p", type="rebook")
        session.add_all([flow, pool])
        await session.flush()
        queue = WorkQueue(name="q", work_pool_id=pool.id, priority=1)
        session.add(queue)
        await session.flush()
        deployment = Deployment(name="d", flow_id=flow.id, work_queue_id=queue.id)
        session.add(deployment)
        await session.flush()
        run = FlowRun(flow_id=flow.id, deployment_id=deployment.id, work_queue_id=queue.id)
        session.add(run)
        await session.commit()
        which, of = run.id, deployment.id
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    async with AsyncSession(engine, expire_on_commit=False) as session:
        for entity, id in ((FlowRun, which), (Deployment, of)):
            row = await session.scalar(select(entity).where(entity.id == id))
            assert (row.work_queue.name, row.work_queue.work_pool.name) == ("q", "p")
    return len([one for one in asked if "FROM work_" in one])

print(asyncio.run(count()))
"""


@pytest.mark.parametrize(("prepared", "questions"), [(True, 2), (False, 4)])
def test_a_queue_and_its_pool_are_asked_for_once_in_a_transaction(
    prepared: bool, questions: int
) -> None:
    script = COUNT.format(prepared=prepared)
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (answer.stdout.strip(), answer.returncode) == (str(questions), 0), answer.stderr


def test_each_habit_is_one_that_this_prefect_has() -> None:
    for owner, habit, _ in prefect_server.HABITS:
        assert callable(getattr(owner, habit))
    for attribute in prefect_server.KNOWN_IN_ITS_TRANSACTION:
        assert attribute.property.direction is MANYTOONE
