"""add legal_page: imprint, privacy and terms of an organization"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organization", sa.Column("legal_kinds", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("organization", sa.Column("legal_token", sa.Text(), nullable=True))
    op.create_table(
        "legal_page",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_legal_page_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", name=op.f("pk_legal_page")),
    )


def downgrade() -> None:
    op.drop_table("legal_page")
    op.drop_column("organization", "legal_token")
    op.drop_column("organization", "legal_kinds")
