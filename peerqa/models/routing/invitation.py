"""Who was asked whether they know the answer to a question, and how far a question has got."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member
from peerqa.models.post import Question


class Routing(Base):
    """How far up the ladder a question has got; the rows with a next_at are the worker's queue."""

    __tablename__ = "routing"
    __table_args__ = (Index("ix_routing_next_at", "next_at"),)

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id"), primary_key=True, autoincrement=False
    )
    rung: Mapped[str]  # the last one that was tried; services/routing/ladder.Rung
    next_at: Mapped[datetime | None]  # when the next is tried; None: never more

    question: Mapped[Question] = relationship()


class Invitation(Base):
    """A member is asked once whether they know an answer, whoever asks them."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("question_id", "member_id"),
        Index("ix_invitation_member_id_created_at", "member_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))  # by hand
    why: Mapped[str]  # one of services/routing/scoring.Why
    why_count: Mapped[int] = mapped_column(default=0)
    why_name: Mapped[str] = mapped_column(default="")  # of a topic
    created_at: Mapped[datetime]  # to the hour where the asker is masked
    state: Mapped[str] = mapped_column(default="open")  # services/routing/invitations.State
    taken_until: Mapped[datetime | None]
    pass_reason: Mapped[str] = mapped_column(default="")

    question: Mapped[Question] = relationship()
    member: Mapped[Member] = relationship(foreign_keys=[member_id])
    invited_by: Mapped[Member | None] = relationship(foreign_keys=[invited_by_id])
