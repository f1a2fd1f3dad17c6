"""add review: answers that are due to be looked at, each with its keeper"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("answer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("keeper_id", sa.Integer(), nullable=True),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_review_answer_id")),
        sa.ForeignKeyConstraint(["keeper_id"], ["member.id"], name=op.f("fk_review_keeper_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_keeper_id_risk", "review", ["keeper_id", "risk"])


def downgrade() -> None:
    op.drop_table("review")
