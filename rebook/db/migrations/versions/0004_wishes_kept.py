"""the wish a case looks for, and contacts that belong to somebody else"""

import sqlalchemy as sa
from alembic import op

import rebook.db.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("wish", sa.String(), nullable=True))
    op.add_column(
        "contactpoint",
        sa.Column("disowned_at", rebook.db.columns.Instant(timezone=True), nullable=True),
    )
