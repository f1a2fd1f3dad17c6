"""add department_source: who said in which department somebody is"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("department_source", sa.Text(), nullable=True))
    # until now a launch alone could say it
    op.execute("UPDATE member SET department_source = 'lms' WHERE department_id IS NOT NULL")


def downgrade() -> None:
    op.drop_column("member", "department_source")
