"""a technician's page of a day and what is reported on it"""

import sqlalchemy as sa
from alembic import op

from rebook.db.columns import Encrypted, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "technician_page",
        sa.Column("token_hash", sa.String(), primary_key=True),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("view", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
    )
    op.create_index("ix_technician_page_connection", "technician_page", ["connection"])
    op.create_table(
        "visit_report",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("source", sa.String(), nullable=False, unique=True),
        sa.Column("appointment_id", sa.String(), sa.ForeignKey("appointment.id"), nullable=False),
        sa.Column("case_id", sa.String(), sa.ForeignKey("cases.id"), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("note", Encrypted(), nullable=False),
        sa.Column("photo", Encrypted(), nullable=False),
        sa.Column("received_at", Instant(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
    )
    op.create_index("ix_visit_report_appointment_id", "visit_report", ["appointment_id"])
    op.create_index("ix_visit_report_case_id", "visit_report", ["case_id"])
