"""add appearance: what an organization is called on screen, its colours and its logo"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organization", sa.Column("shown_name", sa.Text(), nullable=False, server_default="")
    )
    for name in ("accent", "accent_dark", "logo_digest"):
        op.add_column("organization", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "logo",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_logo_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_logo")),
    )


def downgrade() -> None:
    op.drop_table("logo")
    for name in ("logo_digest", "accent_dark", "accent", "shown_name"):
        op.drop_column("organization", name)
