"""What a member is told in the page. An unread one is refreshed, not repeated."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member
from peerqa.models.post import Post, Question


class Notification(Base):
    """Something happened to a question that concerns the member."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_member_id_created_at", "member_id", "created_at"),
        Index(
            "uq_notification_unread",
            "member_id",
            "reason",
            "question_id",
            unique=True,
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("ix_notification_post_id", "post_id"),
        Index("ix_notification_question_id", "question_id"),
        Index("ix_notification_letter_id", "letter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # The letter that tells of it, and the newest post that a letter was written about.
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    mailed_post_id: Mapped[int | None]

    question: Mapped[Question] = relationship(foreign_keys=[question_id])
    post: Mapped[Post] = relationship(foreign_keys=[post_id])
    actor: Mapped[Member | None] = relationship(foreign_keys=[actor_id])
