"""add routing: who is asked whether they know, how far a question got, and when one is asked"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing",
        sa.Column("question_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_routing_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_routing")),
    )
    op.create_index("ix_routing_next_at", "routing", ["next_at"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("why_count", sa.Integer(), nullable=False),
        sa.Column("why_name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taken_until", UtcDateTime(), nullable=True),
        sa.Column("pass_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_invitation_question_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_invitation_member_id")),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["member.id"], name=op.f("fk_invitation_invited_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("question_id", "member_id", name=op.f("uq_invitation_question_id_member_id")),
    )
    op.create_index("ix_invitation_member_id_created_at", "invitation", ["member_id", "created_at"])
    op.create_table(
        "availability",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("most_a_week", sa.Integer(), nullable=True),
        sa.Column("away_from", UtcDateTime(), nullable=True),
        sa.Column("away_until", UtcDateTime(), nullable=True),
        sa.Column("works_from", sa.Integer(), nullable=True),
        sa.Column("works_until", sa.Integer(), nullable=True),
        sa.Column("works_on", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_availability_member_id")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_availability")),
    )
    op.create_table(
        "skill",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_skill_member_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_skill_topic_id")),
        sa.PrimaryKeyConstraint("member_id", "topic_id", name=op.f("pk_skill")),
    )
    op.create_index("ix_skill_topic_id", "skill", ["topic_id"])


def downgrade() -> None:
    for table in ("skill", "availability", "invitation", "routing"):
        op.drop_table(table)
