"""When and about what a member wants to be asked. No row: as the settings say."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Availability(Base):
    """When a member is asked, by their own choice."""

    __tablename__ = "availability"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id"), primary_key=True, autoincrement=False
    )
    is_asked: Mapped[bool] = mapped_column(default=True)  # by the ladder
    most_a_week: Mapped[int | None]
    away_from: Mapped[datetime | None]  # days by the member's own clock
    away_until: Mapped[datetime | None]  # the first day back
    works_from: Mapped[int | None]  # hours, 0 to 23
    works_until: Mapped[int | None]  # 1 to 24, later than works_from
    works_on: Mapped[str] = mapped_column(default="")  # days, 0 is Monday: "01234"


class Skill(Base):
    """A member says that they can be asked about a topic."""

    __tablename__ = "skill"
    __table_args__ = (Index("ix_skill_topic_id", "topic_id"),)

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id"), primary_key=True, autoincrement=False
    )
    topic_id: Mapped[int] = mapped_column(
        ForeignKey("topic.id"), primary_key=True, autoincrement=False
    )
