"""add audit trail: rows that are added and never changed, which triggers hold"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEPT = "the audit trail is append-only"
WRITTEN = (
    "id", "organization_id", "at", "source", "actor_id", "act", "thing_kind", "thing_id",
    "details", "why_digest",
)  # fmt: skip
PLACE = ("number", "previous", "hash")
REASON = ("why", "salt")


def same(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in columns)


# a row is given its place in the chain once, and a reason may be erased
ALLOWED = (
    f"{same(WRITTEN)} AND ("
    f"(OLD.hash IS NULL AND NEW.hash IS NOT NULL AND {same(REASON)})"
    f" OR (NEW.why IS NULL AND NEW.salt IS NULL AND {same(PLACE)}))"
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("thing_kind", sa.Text(), nullable=True),
        sa.Column("thing_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.Column("why_digest", sa.Text(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_audit_entry_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint(
            "organization_id", "number", name=op.f("uq_audit_entry_organization_id_number")
        ),
        sqlite_autoincrement=True,
    )
    for column in ("act", "actor_id"):
        op.create_index(
            f"ix_audit_entry_organization_id_{column}",
            "audit_entry",
            ["organization_id", column, "number"],
        )
    op.create_index(
        "ix_audit_entry_unsealed",
        "audit_entry",
        ["id"],
        sqlite_where=sa.text("hash IS NULL"),
        postgresql_where=sa.text("hash IS NULL"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    op.execute(f"CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry {refuse}")
    op.execute(
        "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry "
        f"WHEN NOT ({ALLOWED}) {refuse}"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$"
    )
    do = "EXECUTE FUNCTION audit_entry_refuse()"
    op.execute(f"CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry FOR EACH ROW {do}")
    op.execute(
        "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry "
        f"FOR EACH ROW WHEN (NOT ({ALLOWED})) {do}"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry "
        f"FOR EACH STATEMENT {do}"
    )


def downgrade() -> None:
    op.drop_table("audit_entry")  # and its triggers
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_refuse()")
