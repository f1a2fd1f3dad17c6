"""add rate_count: how often somebody did something in this hour"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_count",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rate_count")),
    )
    op.create_index("ix_rate_count_until", "rate_count", ["until"])


def downgrade() -> None:
    op.drop_table("rate_count")
