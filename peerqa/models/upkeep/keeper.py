"""Who keeps a topic: vouches for answers about it, and is asked when one grows old."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class TopicKeeper(Base):
    """A member keeps a topic, wherever in the organization it is asked about."""

    __tablename__ = "topic_keeper"
    __table_args__ = (
        UniqueConstraint("topic_id", "member_id"),
        Index("ix_topic_keeper_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    appointed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]
