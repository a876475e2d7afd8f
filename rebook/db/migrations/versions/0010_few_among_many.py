"""The few cases that need somebody are found by an index, however many wait or are closed.

Revision ID: 0010
Revises: 0009
"""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = (
    ("cases_owing", "cases", "id", "next_action_at IS NOT NULL"),
    ("cases_acted_for", "cases", "lease_until", "lease_until IS NOT NULL"),
    ("unread", "reply", "case_id", "taken_at IS NULL"),
)


def upgrade() -> None:
    for name, table, column, where in INDEXES:
        op.create_index(name, table, [column], postgresql_where=text(where))


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
