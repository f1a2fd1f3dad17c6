"""How a post stands: somebody vouches for it until a day, or it is retired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class Standing(Base):
    """Whether a post is verified or retired; without a row it is neither.

    verified_until is empty once the day has come, or the text is another one. Who vouched, and
    when, stays to be read.
    """

    __tablename__ = "standing"
    __table_args__ = (
        Index("ix_standing_verified_until", "verified_until"),
        Index("ix_standing_verified_by_id", "verified_by_id"),
        Index("ix_standing_retired_by_id", "retired_by_id"),
    )

    post_id: Mapped[int] = mapped_column(
        ForeignKey("post.id"), primary_key=True, autoincrement=False
    )
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    verified_at: Mapped[datetime | None]
    verified_until: Mapped[datetime | None]
    retired_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    retired_at: Mapped[datetime | None]
    retired_why: Mapped[str] = mapped_column(default="")

    verified_by: Mapped[Member | None] = relationship(foreign_keys=[verified_by_id])
    retired_by: Mapped[Member | None] = relationship(foreign_keys=[retired_by_id])
