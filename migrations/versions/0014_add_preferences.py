"""add preferences: language, shortcuts and zone, of members and of organizations"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("member", sa.Column("launch_language", sa.Text(), nullable=True))
    op.add_column(
        "member", sa.Column("has_shortcuts", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("organization", sa.Column("screen_language", sa.Text(), nullable=True))
    op.add_column("organization", sa.Column("time_zone", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("organization", "time_zone")
    op.drop_column("organization", "screen_language")
    op.drop_column("member", "has_shortcuts")
    op.drop_column("member", "launch_language")
    op.drop_column("member", "language")
