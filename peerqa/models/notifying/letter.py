"""A letter: one e-mail to one member, from the wish to its end. What it says is read when it goes.

handed_at is noted in a commit of its own before the mail server is given the text, so that nobody
gets a letter twice, whenever the worker is killed. See letters/post_office.py.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class LetterKind(StrEnum):
    """What a letter is made of."""

    NEWS = "news"  # told at once
    DAILY = "daily"
    WEEKLY = "weekly"


class Outcome(StrEnum):
    """How a letter ended."""

    SENT = "sent"  # the mail server took it
    EMPTY = "empty"  # nothing was left to say, or nobody to say it to
    STALE = "stale"  # it waited so long that it is no news any more
    REFUSED = "refused"  # the mail server will never take it
    UNKNOWN = "unknown"  # it was given the text and did not answer, or the worker was killed


class Letter(Base):
    """One e-mail; of a digest there is one a day."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("uq_letter_member_id_day", "member_id", "day", unique=True),
        Index("ix_letter_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str]
    day: Mapped[str | None]  # of a digest, where the member is; NULLs never collide
    created_at: Mapped[datetime]
    handed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    member: Mapped[Member] = relationship()
