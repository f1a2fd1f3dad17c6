"""add pictures: their bytes, and which posts show them"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_picture_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("token", name=op.f("uq_picture_token")),
    )
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_picture_created_at"), ["created_at"], unique=False)
    op.create_table(
        "picture_post",
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["picture.id"], name=op.f("fk_picture_post_picture_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_picture_post_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("picture_id", "post_id", name=op.f("pk_picture_post")),
    )
    with op.batch_alter_table("picture_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_picture_post_post_id"), ["post_id"], unique=False)


def downgrade() -> None:
    op.drop_table("picture_post")
    op.drop_table("picture")
