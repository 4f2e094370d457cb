"""A finding's first head is kept no more: nobody read it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Go there."""
    op.drop_column("finding", "first_head")


def downgrade() -> None:
    """And back."""
    op.add_column(
        "finding", sa.Column("first_head", sa.String(length=64), nullable=False, server_default="")
    )
