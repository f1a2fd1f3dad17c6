"""add tuning: weights of the ranking and models that were learned from an organization"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tuning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("made", sa.Text(), nullable=True),
        sa.Column("thread_count", sa.Integer(), nullable=False),
        sa.Column("example_count", sa.Integer(), nullable=False),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.Column("tuned_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_tuning_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tuning")),
    )
    op.create_index("ix_tuning_organization_id_model", "tuning", ["organization_id", "model"])


def downgrade() -> None:
    op.drop_table("tuning")
