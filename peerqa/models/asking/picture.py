"""Pictures in posts. Their bytes are in the database.

So what a post shows is written and backed up with it, in one transaction, and is there on every
host. (Files in PEERQA_HOME would be of one host.)

No row says who sent a picture: it may be in a question that names nobody. Until a post shows it, a
digest that only this installation can make lets its sender see it; then that goes.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Picture(Base):
    """A picture, re-encoded; whoever sees a post that shows it sees it."""

    __tablename__ = "picture"
    __table_args__ = (Index("ix_picture_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    token: Mapped[str] = mapped_column(unique=True)  # in its address
    waiting_for: Mapped[str | None]  # digest of its sender; none once a post shows it
    width: Mapped[int]  # pixels
    height: Mapped[int]
    created_at: Mapped[datetime]  # rounded to the hour
    data: Mapped[bytes] = mapped_column(deferred=True)  # WebP


class PicturePost(Base):
    """A post shows a picture, or did in an earlier version."""

    __tablename__ = "picture_post"
    __table_args__ = (Index("ix_picture_post_post_id", "post_id"),)

    picture_id: Mapped[int] = mapped_column(
        ForeignKey("picture.id", ondelete="CASCADE"), primary_key=True
    )
    post_id: Mapped[int] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), primary_key=True
    )
