"""The audit trail: one row for each act that somebody may have to answer for.

Rows are added, and never changed or removed: triggers of the database refuse it. Two changes are
let through, each once: a new row is given its place in the chain before its transaction ends, and
what was written as a reason may be erased, for the chain holds a salted digest of it alone.

Members are named by id without a foreign key: when two accounts become one, or a person is erased,
the row stays as it was written, and so does its hash. A name is looked up when the trail is read.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class AuditEntry(Base):
    """Who did what to which thing."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        Index("ix_audit_entry_organization_id_act", "organization_id", "act", "number"),
        Index("ix_audit_entry_organization_id_actor_id", "organization_id", "actor_id", "number"),
        Index(
            "ix_audit_entry_unsealed",
            "id",
            sqlite_where=text("hash IS NULL"),
            postgresql_where=text("hash IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[int | None]  # its place in the organization's chain, from 1 on
    at: Mapped[datetime]
    source: Mapped[str]  # member, command, lms or worker
    actor_id: Mapped[int | None]  # the member
    act: Mapped[str]  # one of services/moderating/audit_acts.py
    thing_kind: Mapped[str | None]
    thing_id: Mapped[int | None]
    details: Mapped[str]  # JSON, keys sorted, ASCII
    why: Mapped[str | None]  # as a person wrote it; may be erased
    salt: Mapped[str | None]  # erased with it
    why_digest: Mapped[str | None]  # SHA-256 of both
    previous: Mapped[str | None]  # the hash of the row before it
    hash: Mapped[str | None]  # SHA-256 of all of this but why and salt
