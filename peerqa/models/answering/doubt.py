"""Answers that somebody says are no longer right, until a steward or an edit settles it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member
from peerqa.models.post import Answer


class Doubt(Base):
    """A member says that an answer is no longer right, and why."""

    __tablename__ = "doubt"
    __table_args__ = (
        Index(
            "uq_doubt_open",
            "answer_id",
            "member_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("ix_doubt_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    answer: Mapped[Answer] = relationship()
    member: Mapped[Member] = relationship(foreign_keys=[member_id])
