"""Who asked a question that names nobody, readable by whoever has the instance key alone.

Rows without the key say nothing: a tag is a keyed digest that is used once, so two questions of one
person have nothing in common, and what is sealed has one length.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Mask(Base):
    """The author of an anonymous question, sealed; and whether there is news for them."""

    __tablename__ = "mask"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(unique=True)  # by it the author finds the question again
    sealed: Mapped[bytes]  # the member's id
    # A mark and no rows of news: they would name the author, and their times when the author reads.
    has_news: Mapped[bool] = mapped_column(default=False)


class Reveal(Base):
    """Two stewards want to know who asked; written once, and kept as what happened."""

    __tablename__ = "reveal"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[datetime]
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    agreed_at: Mapped[datetime | None]
