"""add guide_source: which threads a guide was made from"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide_source",
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["question.id"], name=op.f("fk_guide_source_guide_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_guide_source_question_id")
        ),
        sa.PrimaryKeyConstraint("guide_id", "question_id", name=op.f("pk_guide_source")),
    )
    op.create_index("ix_guide_source_question_id", "guide_source", ["question_id"])


def downgrade() -> None:
    # The code before does not know a guide: it is a question again, as its rows are.
    op.execute("UPDATE post SET kind = 'question' WHERE kind = 'guide'")
    op.drop_table("guide_source")
