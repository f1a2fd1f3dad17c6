"""add mail_test: what the mail server said to an admin's test"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_mail_test_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_test")),
    )
    op.create_index("ix_mail_test_member_id", "mail_test", ["member_id"])


def downgrade() -> None:
    op.drop_table("mail_test")
