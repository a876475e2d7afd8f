"""A few hundred cases that our services made, many times over: their rows in the ledger under other names."""

from collections.abc import Sequence
from hashlib import md5
from typing import Any
from uuid import UUID

import psycopg

from tests.bench.copies import Made

NAMES = r"\y([a-z]+-[0-9a-z]{12}|crowd-[0-9]+)\y"
"""Ids of ours, and what the crowd's visits and calendars are called."""
STEP = 10**7
"""Numbered rows of each round are so far from those of the last."""
BASE = """
    CREATE TEMP TABLE base AS SELECT c.id AS case_id, c.appointment_id, c.person_id
    FROM cases c JOIN appointment a ON a.id = c.appointment_id
    WHERE a.external_id ~ '^crowd-[0-9]+$'
"""
OF_CASE = "x.case_id IN (SELECT case_id FROM base)"
OF_PERSON = "IN (SELECT person_id FROM base)"
TABLES = {
    "person": (f"x.id {OF_PERSON}", ""),
    "contactpoint": (f"x.person_id {OF_PERSON}", ""),
    "appointment": ("x.id IN (SELECT appointment_id FROM base)", ""),
    "cases": (
        "x.id IN (SELECT case_id FROM base)",
        "'run_id', md5(x.run_id || round)::uuid::text",
    ),
    "offer": (OF_CASE, ""),
    "offer_slot": (
        "x.offer_id IN (SELECT id FROM offer o JOIN base USING (case_id))",
        f"'id', x.id + round * {STEP}",
    ),
    "hold": (OF_CASE, f"'id', x.id + round * {STEP}, 'slot_id', x.slot_id + round * {STEP}"),
    "intent": (OF_CASE, ""),
    "sync_target": (OF_CASE, ""),
    "client_page": (OF_CASE, "'token_hash', md5(x.token_hash || round)"),
    "wait": (OF_CASE, ""),
    "audit": (OF_CASE, f"'id', x.id + round * {STEP}, 'seq', x.seq + round * {STEP}"),
}
"""Which rows belong to them, and what of a copy is not only a name. An entry keeps its original's seal."""


def begin(ledger: psycopg.Connection[Any]) -> None:
    ledger.execute(BASE)


def insert(ledger: psycopg.Connection[Any], number: int) -> None:
    """All of them once more, in the round of this number; their runs must be there before."""
    for table, (where, besides) in TABLES.items():
        ledger.execute(
            f"INSERT INTO {table} SELECT p.* FROM {table} x, (VALUES (%(round)s)) AS r (round),"
            f" LATERAL jsonb_populate_record(null::{table}, regexp_replace(to_jsonb(x)::text,"
            f" %(names)s, '\\1-' || round, 'g')::jsonb || jsonb_build_object({besides})) p"
            f" WHERE {where}",
            {"round": number, "names": NAMES},
        )


def named(made: Sequence[Made], number: int) -> list[Made]:
    """How the rows of a round are called."""
    return [
        Made(
            f"{one.case_id}-{number}",
            str(UUID(md5(f"{one.run_id}{number}".encode()).hexdigest())),
            f"{one.wait}-{number}",
        )
        for one in made
    ]
