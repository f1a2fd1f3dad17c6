"""A search that a member keeps, to be told when something new matches it."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class SavedSearch(Base):
    """A search, read by its owner alone."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("member_id", "query"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[str]  # as it is typed, operators included
    created_at: Mapped[datetime]
    looked_until: Mapped[datetime]  # questions asked up to here were looked at

    member: Mapped[Member] = relationship()
