"""which rows of the inbox are read by a run; several workers may reach for one run"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for_a_run: sa.Column[bool] = sa.Column("for_a_run", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("inbox", for_a_run)
    op.drop_constraint("claim_pkey", "claim", type_="primary")
    op.create_primary_key("claim_pkey", "claim", ["run_id", "worker"])
