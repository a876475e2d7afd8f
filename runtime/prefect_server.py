"""Prefect's own server, begun as `prefect server start` begins it, without two costly habits.

Proven on the version that `prefect_inside` names; without these lines it serves as well, at a higher
price (docs/decisions/0022-the-price-of-a-step.md).
"""

import gc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from prefect.cli import app
from prefect.server.utilities.database import Timestamp
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from runtime.lean import YOUNG_OBJECTS

_as_prefect_binds = Timestamp.process_bind_param


def plain_time(of: Timestamp, value: datetime | None, dialect: Dialect) -> datetime | None:
    """Times reach the database as Python's own: of others the driver takes the difference, slowly."""
    found = _as_prefect_binds(of, value, dialect)
    if found is None:
        return None
    day = (found.year, found.month, found.day)
    moment = (found.hour, found.minute, found.second, found.microsecond)
    return datetime(*day, *moment, found.tzinfo, fold=found.fold).astimezone(UTC)


def still_open(_: PGDialect_asyncpg, connection: Any) -> bool:
    """A connection that ended has said so: no need for three questions whenever one is taken."""
    return not connection._connection.is_closed()


HABITS: Sequence[tuple[type, str, Callable[..., Any]]] = (
    (Timestamp, "process_bind_param", plain_time),
    (PGDialect_asyncpg, "do_ping", still_open),
)


def prepare() -> None:
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    for owner, habit, instead in HABITS:
        setattr(owner, habit, instead)


if __name__ == "__main__":
    prepare()
    app()
