"""a page for a visit that is still ahead, and what its client asked of it"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("client_page", "case_id", nullable=True)
    op.add_column(
        "client_page",
        sa.Column("appointment_id", sa.String(), sa.ForeignKey("appointment.id"), nullable=True),
    )
    op.create_index("ix_client_page_appointment_id", "client_page", ["appointment_id"])
    op.create_check_constraint(
        "page_of_a_case_or_a_visit", "client_page", "(case_id IS NULL) <> (appointment_id IS NULL)"
    )
    op.add_column(
        "cases", sa.Column("asked", sa.String(), nullable=False, server_default="")
    )
