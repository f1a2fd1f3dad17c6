"""Questions whose answers moved to another one, and what moves back if that is undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Merge(Base):
    """A question was merged into another one, by a steward of both."""

    __tablename__ = "merge"
    __table_args__ = (
        Index(
            "uq_merge_source_id",
            "source_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_merge_target_id", "target_id"),
        Index("ix_merge_merged_by_id", "merged_by_id"),
        Index("ix_merge_undone_by_id", "undone_by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    merged_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: services/answering/merges.Moved
