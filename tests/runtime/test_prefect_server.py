"""What Prefect's server does otherwise where we start it, and that nothing else changes by it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest
from prefect.server.utilities.database import Timestamp
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from runtime import prefect_server

MOMENTS = [
    datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=ZoneInfo("Europe/Berlin")),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-8))),
    pendulum.datetime(2026, 10, 25, 2, 30, tz="Europe/Berlin", fold=0),
    pendulum.datetime(2026, 11, 23, 15, 36, 34, 123456, tz="UTC"),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_time_reaches_the_database_as_the_same_instant(moment: datetime) -> None:
    plain = prefect_server.plain_time(Timestamp(), moment, None)
    assert plain is not None
    assert (plain, plain.tzinfo, type(plain)) == (moment.astimezone(UTC), UTC, datetime)


def test_no_time_stays_none() -> None:
    assert prefect_server.plain_time(Timestamp(), None, None) is None


def test_a_time_without_a_zone_is_refused_as_ever() -> None:
    with pytest.raises(ValueError, match="timezone"):
        prefect_server.plain_time(Timestamp(), MOMENTS[0].replace(tzinfo=None), None)


class Pooled:
    """A pooled connection as SQLAlchemy hands it over, with the driver's own inside."""

    def __init__(self, *, closed: bool) -> None:
        self.closed = closed

    @property
    def _connection(self) -> Any:
        return self

    def is_closed(self) -> bool:
        return self.closed


def test_a_connection_that_ended_is_not_handed_out() -> None:
    dialect: Any = PGDialect_asyncpg
    assert dialect.do_ping is not prefect_server.still_open
    assert prefect_server.still_open(dialect, Pooled(closed=False))
    assert not prefect_server.still_open(dialect, Pooled(closed=True))


QUEUES = """
from prefect.server.database.orm_models import WorkQueue
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from runtime import prefect_server
before = str(select(WorkQueue).compile(dialect=postgresql.dialect()))
prefect_server.prepare()
after = str(select(WorkQueue).compile(dialect=postgresql.dialect()))
print("JOIN work_pool" in before, "JOIN work_pool" in after)
"""


def test_a_queue_is_read_with_its_pool_in_one_question() -> None:
    """In a process of its own: it changes what Prefect's tables know."""
    said = subprocess.run(
        [sys.executable, "-c", QUEUES], check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["False", "True"]


def test_each_habit_is_one_that_this_prefect_has() -> None:
    for owner, habit, _ in prefect_server.HABITS:
        assert callable(getattr(owner, habit))
