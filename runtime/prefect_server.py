"""Prefect's own server, begun as `prefect server start` begins it, without its costliest habits.

Proven on the version that `prefect_inside` names; without these lines it serves as well, at a higher
price (docs/decisions/0022-the-price-of-a-step.md).
"""

import gc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from prefect.cli import app
from prefect.server.database.orm_models import WorkQueue
from prefect.server.utilities.database import Timestamp
from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

YOUNG_OBJECTS = 20_000
"""As for our workers, whose module the server has no need to load."""


def still_open(_: PGDialect_asyncpg, connection: Any) -> bool:
    """A connection that ended has said so: no need for three questions whenever one is taken."""
    return not connection._connection.is_closed()


def plain_time(_: Timestamp, value: datetime | None, __: object) -> datetime | None:
    """Times reach the database as Python's own: of others the driver takes the difference, slowly."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("Timestamps must have a timezone.")
    day = (value.year, value.month, value.day)
    moment = (value.hour, value.minute, value.second, value.microsecond)
    return datetime(*day, *moment, value.tzinfo, fold=value.fold).astimezone(UTC)


HABITS: Sequence[tuple[type, str, Callable[..., Any]]] = (
    (Timestamp, "process_bind_param", plain_time),
    (PGDialect_asyncpg, "do_ping", still_open),
)


def queue_with_its_pool() -> None:
    """A queue is read with its pool, in one question: both are asked for with each state of a run."""
    pool = inspect(WorkQueue).relationships["work_pool"]
    pool.lazy, pool.innerjoin, pool.strategy_key = "joined", True, (("lazy", "joined"),)
    pool.strategy = pool._get_strategy(pool.strategy_key)


def prepare() -> None:
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    queue_with_its_pool()
    for owner, habit, instead in HABITS:
        setattr(owner, habit, instead)


if __name__ == "__main__":
    prepare()
    app()
