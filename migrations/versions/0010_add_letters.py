"""add letters: what members want to be told by mail, and what was sent"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_setting",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("digest_at", UtcDateTime(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "quiet_from <> quiet_until", name=op.f("ck_mail_setting_quiet_hours")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_mail_setting_member_id")
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_mail_setting")),
    )
    op.create_index("ix_mail_setting_digest_at", "mail_setting", ["digest_at"])
    _add_choices()
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("handed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_letter_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index("uq_letter_member_id_day", "letter", ["member_id", "day"], unique=True)
    op.create_index("ix_letter_created_at", "letter", ["created_at"])
    with op.batch_alter_table("notification") as batch:
        batch.add_column(sa.Column("letter_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("mailed_post_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_notification_letter_id"), "letter", ["letter_id"], ["id"]
        )
        batch.create_index("ix_notification_letter_id", ["letter_id"])


def _add_choices() -> None:
    op.create_table(
        "mail_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_mail_choice_member_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_mail_choice_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_choice")),
    )
    for name, columns, condition in (
        ("uq_mail_choice_everywhere", ["member_id", "kind"], "space_id IS NULL"),
        ("uq_mail_choice_space", ["member_id", "kind", "space_id"], "space_id IS NOT NULL"),
    ):
        op.create_index(
            name,
            "mail_choice",
            columns,
            unique=True,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    op.create_index("ix_mail_choice_space_id", "mail_choice", ["space_id"])


def downgrade() -> None:
    with op.batch_alter_table("notification") as batch:
        batch.drop_index("ix_notification_letter_id")
        batch.drop_constraint(op.f("fk_notification_letter_id"), type_="foreignkey")
        batch.drop_column("mailed_post_id")
        batch.drop_column("letter_id")
    op.drop_table("letter")
    op.drop_table("mail_choice")
    op.drop_table("mail_setting")
