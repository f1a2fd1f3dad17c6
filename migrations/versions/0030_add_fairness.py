"""add fairness: help that a check found not to be fair, appeals and what was decided"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fairness_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("appealed_by_id", sa.Integer(), nullable=True),
        sa.Column("appealed_at", UtcDateTime(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_fairness_case_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["appealed_by_id"], ["member.id"], name=op.f("fk_fairness_case_appealed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_fairness_case_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fairness_case")),
    )
    op.create_index("ix_fairness_case_organization_id", "fairness_case", ["organization_id"])
    op.create_table(
        "fairness_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["fairness_case.id"], name=op.f("fk_fairness_line_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_fairness_line_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["member.id"], name=op.f("fk_fairness_line_giver_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fairness_line")),
        sa.UniqueConstraint(
            "case_id", "member_id", "post_id", "giver_id", name="uq_fairness_line"
        ),
    )
    for column in ("member_id", "giver_id"):
        op.create_index(f"ix_fairness_line_{column}", "fairness_line", [column])


def downgrade() -> None:
    op.drop_table("fairness_line")
    op.drop_table("fairness_case")
