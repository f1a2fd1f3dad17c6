"""Evidence of looking for an answer. It names no person, and is kept 90 days.

A look-up's pseudonym is keyed and changes every day; its time is rounded to the hour. That a
question was solved without asking is counted once per person and question: the pseudonym of that
row belongs to this question alone, so that rows of one person cannot be joined.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class LookUp(Base):
    """What somebody typed, and how it ended."""

    __tablename__ = "look_up"
    __table_args__ = (
        UniqueConstraint("organization_id", "key"),
        Index("ix_look_up_organization_id_hour_at", "organization_id", "hour_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    key: Mapped[str]  # hash of a random text made by the page; joins the events of one look-up
    pseudonym: Mapped[str]
    hour_at: Mapped[datetime]
    surface: Mapped[str]  # ask, search or question
    typed: Mapped[str]
    outcome: Mapped[str]  # typed, confirmed, posted


class LookUpHit(Base):
    """An earlier question that was shown, and what was said to it."""

    __tablename__ = "look_up_hit"
    __table_args__ = (
        UniqueConstraint("look_up_id", "question_id"),
        Index("ix_look_up_hit_question_id", "question_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    look_up_id: Mapped[int] = mapped_column(ForeignKey("look_up.id", ondelete="CASCADE"))
    question_id: Mapped[int]
    answer_id: Mapped[int | None]
    similarity: Mapped[float | None]
    gap: Mapped[float | None]
    probability: Mapped[float | None]
    model: Mapped[str | None]  # whose vectors the figures are of
    outcome: Mapped[str]  # shown, opened, confirmed or refused


class Solved(Base):
    """A question that was solved without asking: once per person and question."""

    __tablename__ = "solved"
    __table_args__ = (
        UniqueConstraint("question_id", "pseudonym"),
        Index("ix_solved_organization_id_hour_at", "organization_id", "hour_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id"))
    pseudonym: Mapped[str]
    hour_at: Mapped[datetime]
