"""Prefect's own server, begun as `prefect server start` begins it, without six costly habits.

Proven on the version that `prefect_inside` names; without these lines it serves as well, at a higher
price (docs/decisions/0022-the-price-of-a-step.md, 0023-built-once.md).
"""

import gc
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from prefect.cli import app
from prefect.server.database import dependencies, interface
from prefect.server.database.orm_models import Deployment, FlowRun, WorkQueue
from prefect.server.events.schemas.events import ReceivedEvent
from prefect.server.utilities.database import Timestamp, get_dialect
from prefect.utilities.schema_tools import validation
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.orm import InstrumentedAttribute

from runtime.lean import YOUNG_OBJECTS

_as_prefect_binds = Timestamp.process_bind_param
_as_prefect_checks = validation._VALIDATOR.check_schema
_as_prefect_reads = ReceivedEvent.model_validate_json


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


def sound(schema: Any, **how: Any) -> None:
    """A schema found sound is not examined again: those of pools and forms come with every run."""
    _sound(json.dumps(schema, sort_keys=True), **how)


@lru_cache(256)
def _sound(schema: str, **how: Any) -> None:
    _as_prefect_checks(json.loads(schema), **how)


def event_of(data: bytes | str) -> ReceivedEvent:
    """Four services read each event: it is understood once, and each has a copy of its own."""
    return _event_of(data).model_copy()


@lru_cache(500)
def _event_of(data: bytes | str) -> ReceivedEvent:
    return _as_prefect_reads(data)


HABITS: Sequence[tuple[type | ModuleType, str, Any]] = (
    (Timestamp, "process_bind_param", plain_time),
    (PGDialect_asyncpg, "do_ping", still_open),
    (validation._VALIDATOR, "check_schema", staticmethod(sound)),
    (ReceivedEvent, "model_validate_json", staticmethod(event_of)),
    (dependencies, "get_dialect", cache(get_dialect)),
    (interface, "get_dialect", cache(get_dialect)),
)
KNOWN_IN_ITS_TRANSACTION: Sequence[InstrumentedAttribute[Any]] = (
    FlowRun.work_queue,
    Deployment.work_queue,
    WorkQueue.work_pool,
)
"""What comes with a row and is asked for once a transaction, not with each row that has it."""


def prepare() -> None:
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    for owner, habit, instead in HABITS:
        setattr(owner, habit, instead)
    for attribute in KNOWN_IN_ITS_TRANSACTION:
        relationship: Any = attribute.comparator.prop
        relationship.strategy_key = (("lazy", "immediate"),)


if __name__ == "__main__":
    prepare()
    app()
