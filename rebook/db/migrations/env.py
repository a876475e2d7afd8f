"""Alembic's way into the ledger: one transaction for a whole upgrade, under an advisory lock."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

from rebook.db import call_tables, field_tables, staff_tables, tables
from rebook.db.locks import Lock
from rebook.db.session import engine
from rebook.db.tally_table import TextTally

assert tables.Audit.__table__ is not None  # type: ignore[attr-defined]  # SQLModel adds it
assert TextTally.__table__ is not None  # type: ignore[attr-defined]
assert staff_tables.StaffMember.__table__ is not None  # type: ignore[attr-defined]  # as above
assert call_tables.Ask.__table__ is not None  # type: ignore[attr-defined]
assert field_tables.VisitReport.__table__ is not None  # type: ignore[attr-defined]  # likewise

with engine().connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": Lock.MIGRATIONS})
        context.run_migrations()
    connection.commit()
