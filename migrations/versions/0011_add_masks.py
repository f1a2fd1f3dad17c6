"""add masks: questions that name nobody, and what two stewards do to find out who asked"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # no batch: SQLite adds columns in place, and a copy of "post" would give its ids a second time
    for table in ("organization", "space"):
        op.add_column(
            table,
            sa.Column("allows_anonymous", sa.Boolean(), nullable=False, server_default=sa.true()),
        )
    op.add_column(
        "post", sa.Column("is_masked", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("question", sa.Column("pseudonym", sa.Text(), nullable=True))
    op.create_table(
        "mask",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("has_news", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_mask_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_mask")),
        sa.UniqueConstraint("tag", name=op.f("uq_mask_tag")),
    )
    op.create_table(
        "reveal",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("agreed_by_id", sa.Integer(), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_reveal_question_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["member.id"], name=op.f("fk_reveal_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by_id"], ["member.id"], name=op.f("fk_reveal_agreed_by_id")
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_reveal")),
    )


def downgrade() -> None:
    op.drop_table("reveal")
    op.drop_table("mask")
    op.drop_column("question", "pseudonym")
    op.drop_column("post", "is_masked")
    for table in ("space", "organization"):
        op.drop_column(table, "allows_anonymous")
