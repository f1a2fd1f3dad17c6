"""add defaults of an organization: who sees a question at first, and how long things are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organization",
        sa.Column("question_visibility", sa.Text(), nullable=False, server_default="organization"),
    )
    for kind in ("evidence", "draft", "news"):
        op.add_column("organization", sa.Column(f"{kind}_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    for kind in ("news", "draft", "evidence"):
        op.drop_column("organization", f"{kind}_days")
    op.drop_column("organization", "question_visibility")
