"""Imports: batches, and what each brought, by its name in the source; a batch can be undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class ImportBatch(Base):
    """One run of an import that added or changed something."""

    __tablename__ = "import_batch"
    __table_args__ = (Index("ix_import_batch_organization_id", "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    source: Mapped[str]
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ImportedThing(Base):
    """A thing of ours that came from outside: which one it was there, and which it is here.

    Links are things too: that a question is solved or a duplicate, as the source says.
    """

    __tablename__ = "imported_thing"
    __table_args__ = (
        UniqueConstraint("organization_id", "source", "kind", "external_id"),
        Index("ix_imported_thing_batch_id", "batch_id"),
        Index("ix_imported_thing_kind_thing_id", "kind", "thing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))  # that added it
    source: Mapped[str]  # which kind of dump, or which space's files, it is from
    kind: Mapped[str]  # question, answer, comment, member, topic, space, accepted, duplicate
    external_id: Mapped[str]  # of a link: its question's
    thing_id: Mapped[int]  # of a link: its question's
    state: Mapped[str] = mapped_column(default="")  # hash of the source text; target id of a link
    version: Mapped[int] = mapped_column(default=1)  # of the post; a higher one: edited here since
    vote_count: Mapped[int] = mapped_column(default=0)  # imported ones within the post's count


class ImportedChange(Base):
    """What a later batch changed, as it was before, for undoing."""

    __tablename__ = "imported_change"
    __table_args__ = (
        Index("ix_imported_change_batch_id", "batch_id"),
        Index("ix_imported_change_imported_thing_id", "imported_thing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    imported_thing_id: Mapped[int] = mapped_column(ForeignKey("imported_thing.id"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)  # name → value; Any: values of any kind
