"""What a member follows, and what a member has put aside to find again."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.post import Post


class Follow(Base):
    """A member hears of new answers to a question, or of new questions on a topic, in a space.

    One of the three is set.
    """

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("member_id", "question_id"),
        UniqueConstraint("member_id", "topic_id"),
        UniqueConstraint("member_id", "space_id"),
        Index("ix_follow_question_id", "question_id"),
        Index("ix_follow_topic_id", "topic_id"),
        Index("ix_follow_space_id", "space_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    created_at: Mapped[datetime]


class Bookmark(Base):
    """A member wants to find this question or answer again; nobody else sees it."""

    __tablename__ = "bookmark"
    __table_args__ = (
        UniqueConstraint("member_id", "post_id"),
        Index("ix_bookmark_post_id", "post_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    created_at: Mapped[datetime]

    post: Mapped[Post] = relationship()
