"""Answers that somebody should look at again, each with the one who does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member
from peerqa.models.post import Answer


class Review(Base):
    """An answer is due to be looked at. The row goes when that was done."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_keeper_id_risk", "keeper_id", "risk"),)

    answer_id: Mapped[int] = mapped_column(
        ForeignKey("answer.id"), primary_key=True, autoincrement=False
    )
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    risk: Mapped[int]  # 1 to 448, as services/upkeep/risk.py says
    reasons: Mapped[str]  # codes, joined by a comma
    created_at: Mapped[datetime]

    answer: Mapped[Answer] = relationship()
    keeper: Mapped[Member | None] = relationship()
