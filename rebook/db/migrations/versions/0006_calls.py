"""questions at the door that a worker answers, and telephone calls"""

import sqlalchemy as sa
from alembic import op

import rebook.db.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _instant(name: str, *, empty: bool = False) -> sa.Column[object]:
    return sa.Column(name, rebook.db.columns.Instant(timezone=True), nullable=empty)


def upgrade() -> None:
    op.create_table(
        "ask",
        sa.Column("id", sa.BigInteger(), autoincrement=True, primary_key=True),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False, unique=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _instant("asked_at"),
        _instant("answered_at", empty=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
    )
    op.create_table(
        "phone_call",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("source", sa.String(), nullable=False, unique=True),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("number", rebook.db.columns.Encrypted(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("said", rebook.db.columns.EncryptedJson(), nullable=False),
        sa.Column("person_id", sa.String(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("appointment_id", sa.String(), sa.ForeignKey("appointment.id"), nullable=True),
        sa.Column("case_id", sa.String(), sa.ForeignKey("cases.id"), nullable=True),
        sa.Column("offer_seen", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=True),
        _instant("called_at"),
        sa.Column("for_staff", sa.String(), nullable=False),
        _instant("due_at", empty=True),
    )
    for name in ("person_id", "case_id", "for_staff"):
        op.create_index(f"ix_phone_call_{name}", "phone_call", [name])
