"""What somebody has typed and not posted yet: one draft a place, read by its writer alone.

The text is sealed with the instance key: whoever reads the database, or an old backup of it, must
not find in a draft who asked a question that was then posted anonymously.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Draft(Base):
    """The text of a form, as it was when the server heard of it last."""

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("member_id", "place"),
        Index("ix_draft_updated_at", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    place: Mapped[str]  # "ask", or "answer-" and the id of the question
    sealed: Mapped[bytes]
    version: Mapped[int] = mapped_column(default=1)  # rises with every change
    updated_at: Mapped[datetime]
