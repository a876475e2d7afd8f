"""The rows of one run in Prefect's database, and as many copies of them as there are cases."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

import psycopg
from psycopg import sql

from rebook.db.session import ledger
from rebook.services import cases, waits
from runtime.postgres import Postgres
from tests.bench.ground import Ground

Database = psycopg.Connection[Any]
Rows = dict[str, list[dict[str, Any]]]
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
TIMES = ("created", "updated", "expected_start_time", "start_time", "state_timestamp")
READ = "SELECT to_jsonb(t) FROM {0} t WHERE "
WRITE = "INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(null::{0}, %s::jsonb)"


@dataclass(frozen=True)
class Made:
    """A case of ours that waits, and the run it is bound to."""

    case_id: str
    run_id: str
    wait: str


@dataclass(frozen=True)
class Pattern:
    """Rows by table, and what a copy must call otherwise."""

    like: Made
    rows: Rows
    names: re.Pattern[str]

    @classmethod
    def of(cls, like: Made, rows: Rows) -> Self:
        own = {str(row["id"]) for found in rows.values() for row in found}
        names = sorted({*own, like.case_id, like.wait, like.run_id})
        return cls(like, rows, re.compile("|".join(map(re.escape, names))))


@contextmanager
def database(there: Ground, name: str) -> Iterator[Database]:
    """One of the house's, its foreign keys taken on trust: a run and its state name each other."""
    url = Postgres(there.house.folder / "postgres").admin_url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def rests(there: Ground, case_id: str) -> bool:
    """Has the first run of a case come to its wait, and is its form written?"""
    with database(there, "prefect") as prefect:
        found = prefect.execute(
            "SELECT 1 FROM flow_run r JOIN flow_run_input i ON i.flow_run_id = r.id"
            " WHERE r.name = %s AND r.state_name = 'Suspended'",
            [case_id],
        )
        return found.fetchone() is not None


def pattern(prefect: Database, case_id: str) -> Pattern:
    """All that Prefect keeps of the run of a case that waits."""
    with ledger() as session:
        case, wait = cases.load(session, case_id), waits.open_wait(session, case_id)
    assert case.run_id is not None
    assert wait is not None
    rows = {
        table: [
            row for (row,) in prefect.execute(_named(READ + where, table), {"run": case.run_id})
        ]
        for table, where in TABLES.items()
    }
    assert [run["state_name"] for run in rows["flow_run"]] == ["Suspended"], (
        "it has not come to rest"
    )
    assert rows["flow_run_input"], "it has no form yet"
    return Pattern.of(Made(case_id, case.run_id, wait.key), rows)


def insert(prefect: Database, like: Pattern, made: Sequence[Made]) -> None:
    """The same rows for each of these, under ids of their own."""
    copies = [copied(like, one) for one in made]
    with prefect.transaction():
        for table in TABLES:
            rows = [row for copy in copies for row in copy[table]]
            prefect.execute(_named(WRITE, table), [json.dumps(rows)])


def _named(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(table))


def copied(like: Pattern, one: Made) -> Rows:
    """All names but those of the case, its run and its wait are new ones."""
    known = {like.like.case_id: one.case_id, like.like.run_id: one.run_id, like.like.wait: one.wait}

    def named(found: re.Match[str]) -> str:
        return known.setdefault(found.group(), str(uuid4()))

    rows: Rows = json.loads(like.names.sub(named, json.dumps(like.rows)))
    rows["flow_run"] = [_of_now(run) for run in rows["flow_run"]]
    return rows


def _of_now(run: Mapping[str, Any]) -> dict[str, Any]:
    """Many runs of the very same instant would have no order in a list."""
    now = datetime.now(UTC).isoformat()
    return {**run, **{name: now for name in TIMES if run.get(name)}}
