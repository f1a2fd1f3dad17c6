"""What a member wants to be told by mail: only what differs from the defaults has rows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Frequency(StrEnum):
    """When news of a kind is mailed."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Stopped(StrEnum):
    """Which mail a member has left as a whole."""

    NOTHING = "nothing"
    DIGESTS = "digests"
    ALL = "all"


class MailSetting(Base):
    """When a member may be reached by mail; hours are of the member's own zone, 0 to 23."""

    __tablename__ = "mail_setting"
    __table_args__ = (
        Index("ix_mail_setting_digest_at", "digest_at"),
        CheckConstraint("quiet_from <> quiet_until", name="quiet_hours"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    digest_hour: Mapped[int] = mapped_column(default=8)
    digest_at: Mapped[datetime]  # the next morning at which there may be one
    stopped: Mapped[str] = mapped_column(default=Stopped.NOTHING)


class MailChoice(Base):
    """How often news of one kind is mailed, everywhere or in one space."""

    __tablename__ = "mail_choice"
    __table_args__ = (
        Index(
            "uq_mail_choice_everywhere",
            "member_id",
            "kind",
            unique=True,
            sqlite_where=text("space_id IS NULL"),
            postgresql_where=text("space_id IS NULL"),
        ),
        Index(
            "uq_mail_choice_space",
            "member_id",
            "kind",
            "space_id",
            unique=True,
            sqlite_where=text("space_id IS NOT NULL"),
            postgresql_where=text("space_id IS NOT NULL"),
        ),
        Index("ix_mail_choice_space_id", "space_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    kind: Mapped[str]  # one of services/notifying/kinds.py
    frequency: Mapped[str]
