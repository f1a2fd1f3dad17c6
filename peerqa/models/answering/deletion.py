"""Who took a post back, and what restoring it has to give back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class OutOfSight(StrEnum):
    """Why a post is out of sight."""

    DELETED = "deleted"  # taken back by its author, or by a steward
    HIDDEN = "hidden"  # by a steward's or an admin's decision, with a reason


class Deletion(Base):
    """A post is out of sight. Its row goes when it is restored."""

    __tablename__ = "deletion"
    __table_args__ = (Index("ix_deletion_deleted_by_id", "deleted_by_id"),)

    post_id: Mapped[int] = mapped_column(
        ForeignKey("post.id"), primary_key=True, autoincrement=False
    )
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))  # None: its author
    created_at: Mapped[datetime]
    was_accepted: Mapped[bool]
    state: Mapped[str] = mapped_column(default=OutOfSight.DELETED.value)
