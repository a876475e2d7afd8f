"""The message a vendor reports of by its own number is found by an index, however many were sent.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_intent_vendor_id", "intent", ["vendor_id"])


def downgrade() -> None:
    op.drop_index("ix_intent_vendor_id", "intent")
