"""how many texts left in a day, by range of numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("block_key", sa.String(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "block_key"),
    )
