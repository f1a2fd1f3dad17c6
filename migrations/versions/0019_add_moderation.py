"""add moderation: flags, rulings, hidden posts and locked threads"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # no batch: SQLite adds columns in place
    op.add_column("question", sa.Column("locked_at", UtcDateTime(), nullable=True))
    op.add_column(
        "deletion", sa.Column("state", sa.Text(), nullable=False, server_default="deleted")
    )
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_flag_post_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_flag_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("post_id", "member_id", name=op.f("uq_flag_post_id_member_id")),
    )
    op.create_index("ix_flag_member_id", "flag", ["member_id"])
    op.create_index(
        "ix_flag_open",
        "flag",
        ["post_id"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_ruling_post_id")),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_ruling_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    op.create_index("ix_ruling_post_id", "ruling", ["post_id"])
    op.create_index("ix_ruling_by_id", "ruling", ["by_id"])


def downgrade() -> None:
    op.drop_table("ruling")
    op.drop_table("flag")
    op.drop_column("deletion", "state")
    op.drop_column("question", "locked_at")
