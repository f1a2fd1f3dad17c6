"""The score that a member should have in a space; an LMS's gradebook is told by the LMS's door."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Grade(Base):
    """What is wanted, now; how it fares on its way is kept where it is delivered."""

    __tablename__ = "grade"
    __table_args__ = (
        UniqueConstraint("member_id", "space_id"),
        CheckConstraint("given >= 0 AND maximum > 0", name="given_and_maximum"),
        Index("ix_grade_space_id", "space_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    given: Mapped[float]
    maximum: Mapped[float]
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]  # when it became this
