"""Whether a run judged its change is a value of its own: until now its title said so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Go there."""
    op.add_column(
        "run", sa.Column("judged", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    run = sa.table("run", sa.column("title", sa.String()), sa.column("judged", sa.Boolean()))
    op.execute(run.update().where(run.c.title.startswith("not analysed")).values(judged=False))


def downgrade() -> None:
    """And back."""
    op.drop_column("run", "judged")
