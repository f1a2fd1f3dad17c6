"""A test letter that an admin had sent to themself, and what the mail server said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class MailTest(Base):
    """One test; the newest of a member is shown."""

    __tablename__ = "mail_test"
    __table_args__ = (Index("ix_mail_test_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(default="")  # a sentence to translate; empty: taken
    code: Mapped[int | None]  # of the server's answer (RFC 5321 section 4.2), where it gave one

    member: Mapped[Member] = relationship()
