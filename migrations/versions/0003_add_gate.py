"""add the gate: what an organization's feedback taught, and which model a hit's figures are of"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("bias", sa.Double(), nullable=True),
        sa.Column("similarity", sa.Double(), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("confirmed_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("duplicate_count", sa.Integer(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("fitted_at", UtcDateTime(), nullable=False),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_gate_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint(
            "organization_id", "model", name=op.f("uq_gate_organization_id_model")
        ),
    )
    with op.batch_alter_table("look_up_hit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("model", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("look_up_hit", schema=None) as batch_op:
        batch_op.drop_column("model")
    op.drop_table("gate")
