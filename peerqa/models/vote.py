"""Votes: "I have this too" on a question, "helped me too" on an answer. There are no downvotes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Vote(Base):
    """One member's vote on one post."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("post_id", "member_id"),
        Index("ix_vote_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]
