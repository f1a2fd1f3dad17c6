"""Flags on posts, and what stewards decided about posts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class Flag(Base):
    """A member says that a post should be looked at. Only how many and why is ever shown."""

    __tablename__ = "flag"
    __table_args__ = (
        UniqueConstraint("post_id", "member_id"),
        Index("ix_flag_member_id", "member_id"),
        Index(
            "ix_flag_open",
            "post_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str]  # one of services/moderating/flags.py
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Ruling(Base):
    """What a steward or an admin did about a post, and why; its author reads it."""

    __tablename__ = "ruling"
    __table_args__ = (Index("ix_ruling_post_id", "post_id"), Index("ix_ruling_by_id", "by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    act: Mapped[str]  # one of services/moderating/rulings.py
    why: Mapped[str]
    at: Mapped[datetime]

    by: Mapped[Member] = relationship()
