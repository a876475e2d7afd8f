"""the time a client wished for"""

import sqlalchemy as sa
from alembic import op

import rebook.db.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("wish_from", "wish_to"):
        op.add_column(
            "reply", sa.Column(name, rebook.db.columns.Instant(timezone=True), nullable=True)
        )
