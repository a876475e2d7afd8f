"""who may sign in to the staff page"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import rebook.db.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, rebook.db.columns.Instant(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "staff_member",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        instant("one_time_until", nullable=True),
        sa.Column("slack_id", sa.String(40), nullable=False),
        instant("added_at"),
        instant("revoked_at", nullable=True),
    )
    op.create_index("ix_staff_member_slack_id", "staff_member", ["slack_id"])
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.String(40), sa.ForeignKey("staff_member.id"), nullable=False),
        instant("made_at"),
        instant("seen_at"),
        instant("ended_at", nullable=True),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("who", sa.String(64), nullable=False),
        instant("at"),
    )
    op.create_index("ix_sign_in_try_who", "sign_in_try", ["who"])
    op.create_index("ix_sign_in_try_at", "sign_in_try", ["at"])
