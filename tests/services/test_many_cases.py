"""A year of work: what is asked twice a second touches few pages, however many cases there are."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from rebook.db.session import engine, ledger
from rebook.domain import clock
from rebook.domain.appointments import Slot
from rebook.services import attention, audit, claims, offers
from tasks.unattended import NOBODY

WAITING, CLOSED = 4_000, 20_000
FEW = 40
"""Pages of 8 KiB; 24,000 cases fill about five hundred."""
FOREIGN_KEYS = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
FILL = (
    f"""
    INSERT INTO cases (id, appointment_id, group_id, state, version, cause, reason, owner,
        policy_version, opened_at, grace_until, next_action_at, failures, touches, old_stands,
        asked, epoch, run_id, lease_fence)
    SELECT 'case-' || i, 'visit-' || i, 'group-' || i,
        CASE WHEN i <= {WAITING} THEN 'offered' ELSE 'rebooked' END, 3, 'cancelled', '', '', 1,
        now(), now(), CASE WHEN i <= {WAITING} THEN now() + interval '100 years' END, 0, 1, false,
        '', 0, 'run-' || i, 1
    FROM generate_series(1, {WAITING + CLOSED}) i
    """,
    f"""
    INSERT INTO wait (key, case_id, opened_at, closed_at, outcome)
    SELECT 'wait-' || i, 'case-' || i, now(), CASE WHEN i > {WAITING} THEN now() END, ''
    FROM generate_series(1, {WAITING + CLOSED}) i
    """,
    f"""
    INSERT INTO reply (id, case_id, source, channel, said, intent, rule, confidence, received_at,
        taken_at, outcome)
    SELECT 'reply-' || i, 'case-' || i, 'words-' || i, 'sms', '', 'accept', 'a number', 1, now(),
        now(), ''
    FROM generate_series({WAITING + 1}, {WAITING + CLOSED}) i
    """,
    f"""
    INSERT INTO hold (case_id, slot_id, connection, calendar, seat, during, state, expires_at)
    SELECT 'case-' || i, i, 'acuity', 'chair-' || i % 100, 0,
        tstzrange(now() + interval '1 hour' * (i / 100), now() + interval '1 hour' * (i / 100 + 1)),
        'held', now() + interval '100 years'
    FROM generate_series(1, {3 * WAITING}) i
    """,
    f"""
    INSERT INTO audit (at, actor, action, case_id, detail, seq, hash)
    SELECT now(), 'system', 'opened', 'case-' || i, '{{}}', i, ''
    FROM generate_series(1, {WAITING + CLOSED}) i
    """,
)
QUESTIONS: dict[str, Callable[[Session], Any]] = {
    "what waits in the inbox": attention.oldest_waiting,
    "cases without a run": attention.without_run,
    "cases to be woken": lambda session: attention.to_wake(session, NOBODY),
    "cases nobody attends": lambda session: attention.unattended_due(session, NOBODY),
    "leases that ran out": lambda session: attention.lapsed(session, NOBODY),
    "cases somebody acts for": lambda session: attention.acting(session, NOBODY),
    "runs of dead workers": claims.dead,
    "what is to be sealed": audit.seal,
    "what others hold of a day": lambda session: offers.held(session, "acuity", a_day()),
}


def a_day() -> list[Slot]:
    """Free times of one calendar."""
    starts = clock.now() + timedelta(days=1)
    return [Slot(starts, starts + timedelta(hours=8), "chair-1")]


@pytest.fixture
def a_year(business: str) -> str:
    with ledger() as session:
        connection = session.connection()
        for table, name in connection.execute(text(FOREIGN_KEYS)).all():
            connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        for statement in FILL:
            connection.execute(text(statement))
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return business


@pytest.mark.usefixtures("a_year")
def test_each_question_of_the_dispatcher_touches_few_pages_of_a_large_ledger() -> None:
    touched = {name: pages(question) for name, question in QUESTIONS.items()}
    assert {name: count for name, count in touched.items() if count > FEW} == {}


def pages(question: Callable[[Session], Any]) -> int:
    """How many pages the reading statements of a question touch, as PostgreSQL counts them."""
    said: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            said.append((statement, given))

    event.listen(engine(), "before_cursor_execute", hear)
    try:
        with ledger() as session:
            question(session)
    finally:
        event.remove(engine(), "before_cursor_execute", hear)
    with engine().connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", given).scalars()
            for statement, given in said
        ]
        firsts = [next((line for line in plan if "Buffers:" in line), "") for plan in plans]
    return sum(int(count) for line in firsts for count in re.findall(r"(?:hit|read)=(\d+)", line))
