"""add archived_at: spaces that are kept, and in which nothing new is written"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("space", sa.Column("archived_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("space", "archived_at")
