"""Who was named in a post with an @; told once, however often the post is edited."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Mention(Base):
    """A member was named in a post."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("post_id", "member_id"),
        Index("ix_mention_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]
