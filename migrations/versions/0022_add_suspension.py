"""add suspension: members who are kept out for a while, and why"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # no batch: SQLite adds columns in place
    op.add_column("member", sa.Column("suspended_at", UtcDateTime(), nullable=True))
    op.add_column("member", sa.Column("suspended_until", UtcDateTime(), nullable=True))
    op.add_column(
        "member", sa.Column("suspended_why", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    for column in ("suspended_why", "suspended_until", "suspended_at"):
        op.drop_column("member", column)
