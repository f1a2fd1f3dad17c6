"""add standing and topic_keeper: until when an answer is verified, by whom, and who keeps a topic"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standing",
        sa.Column("post_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("verified_until", UtcDateTime(), nullable=True),
        sa.Column("retired_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("retired_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_standing_post_id")),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["member.id"], name=op.f("fk_standing_verified_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["retired_by_id"], ["member.id"], name=op.f("fk_standing_retired_by_id")
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_standing")),
    )
    for column in ("verified_until", "verified_by_id", "retired_by_id"):
        op.create_index(f"ix_standing_{column}", "standing", [column])
    op.create_table(
        "topic_keeper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("appointed_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_topic_keeper_topic_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_topic_keeper_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["appointed_by_id"], ["member.id"], name=op.f("fk_topic_keeper_appointed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_keeper")),
        sa.UniqueConstraint(
            "topic_id", "member_id", name=op.f("uq_topic_keeper_topic_id_member_id")
        ),
    )
    op.create_index("ix_topic_keeper_member_id", "topic_keeper", ["member_id"])


def downgrade() -> None:
    op.drop_table("topic_keeper")
    op.drop_table("standing")
