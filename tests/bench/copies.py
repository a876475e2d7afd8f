"""The rows of one run in Prefect's database, and as many copies of them as there are cases."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from rebook.db.session import ledger
from rebook.services import cases, waits
from runtime.postgres import Postgres
from tests.bench.ground import Ground

Prefect = psycopg.Connection[Any]
OF_A_RUN = "SELECT id FROM task_run WHERE flow_run_id = %(run)s"
TABLES = {
    "flow_run": "id = %(run)s",
    "flow_run_state": "flow_run_id = %(run)s",
    "flow_run_input": "flow_run_id = %(run)s",
    "task_run": "flow_run_id = %(run)s",
    "task_run_state": f"task_run_id IN ({OF_A_RUN})",
    "artifact": "flow_run_id = %(run)s",
    "artifact_collection": "flow_run_id = %(run)s",
    "log": "flow_run_id = %(run)s",
}
"""Where a run has rows. Its events, which Prefect deletes first, are left out."""


@dataclass(frozen=True)
class Made:
    """A case of ours that waits, and the run it is bound to."""

    case_id: str
    run_id: str
    wait: str


@dataclass(frozen=True)
class Pattern:
    """Rows by table; what a copy must call otherwise."""

    rows: dict[str, list[dict[str, Any]]]
    of: Made
    names: re.Pattern[str]


@contextmanager
def database(there: Ground, name: str) -> Iterator[Prefect]:
    """One of the house's, its foreign keys taken on trust: a run and its state name each other."""
    url = Postgres(there.house.folder / "postgres").admin_url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def pattern(prefect: Prefect, case_id: str) -> Pattern:
    """All that Prefect keeps of the run of a case that waits."""
    with ledger() as session:
        case, wait = cases.load(session, case_id), waits.open_wait(session, case_id)
    assert case.run_id is not None
    assert wait is not None
    rows = {
        table: [
            row
            for (row,) in prefect.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE " + where).format(
                    sql.Identifier(table)
                ),
                {"run": case.run_id},
            )
        ]
        for table, where in TABLES.items()
    }
    own = {str(row["id"]) for found in rows.values() for row in found}
    names = re.compile("|".join(map(re.escape, {*own, case_id, wait.key, case.run_id})))
    return Pattern(rows, Made(case_id, case.run_id, wait.key), names)


def insert(prefect: Prefect, like: Pattern, made: Sequence[Made]) -> None:
    """The same rows for each of these, under ids of their own."""
    texts: dict[str, list[str]] = {table: [] for table in TABLES}
    for one in made:
        for table, text in _copy(like, one).items():
            texts[table] += text
    with prefect.transaction():
        for table, found in texts.items():
            prefect.execute(
                sql.SQL(
                    "INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(null::{0}, %s::jsonb)"
                ).format(sql.Identifier(table)),
                [f"[{','.join(found)}]"],
            )


def _copy(like: Pattern, one: Made) -> dict[str, list[str]]:
    known = {like.of.case_id: one.case_id, like.of.run_id: one.run_id, like.of.wait: one.wait}

    def named(found: re.Match[str]) -> str:
        return known.setdefault(found.group(), str(uuid4()))

    now = datetime.now(UTC).isoformat()
    times = ("created", "updated", "expected_start_time", "start_time", "state_timestamp")
    return {
        table: [
            like.names.sub(
                named, json.dumps(_dated(row, times, now) if table == "flow_run" else row)
            )
            for row in rows
        ]
        for table, rows in like.rows.items()
    }


def _dated(row: dict[str, Any], times: Sequence[str], now: str) -> dict[str, Any]:
    return {**row, **{name: now for name in times if row.get(name)}}
