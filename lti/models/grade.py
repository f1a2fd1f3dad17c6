"""Columns in gradebooks, and what was sent to them. The wanted score is the core's Grade."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti.models.context import Context
from lti.models.platform import Account
from peerqa.database import Base


class DeliveryState(StrEnum):
    """How a score fared."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"  # by the platform, for this person: not enrolled, or not gradable
    BLOCKED = "blocked"  # by the platform, for the whole column: withdrawn or deleted
    GIVEN_UP = "given_up"  # after days without an answer that could be used


class LineItem(Base):
    """The gradebook column of a space in a course, made when its steward switches grades on."""

    __tablename__ = "lti_line_item"
    __table_args__ = (UniqueConstraint("context_id"), Index("ix_lti_line_item_due_at", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("lti_context.id"))
    url: Mapped[str | None]  # the platform's id of it; None until it is made there
    label: Mapped[str]
    maximum: Mapped[float]
    created_at: Mapped[datetime]
    switched_off_at: Mapped[datetime | None]
    # The queue: one worker at a time is in a column, makes it and brings its scores.
    due_at: Mapped[datetime | None]  # None when nothing waits
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # in vain, since the last success
    blocked_at: Mapped[datetime | None]  # until a steward has it tried again
    error: Mapped[str | None]  # a sentence for the steward

    context: Mapped[Context] = relationship()


class GradeDelivery(Base):
    """A person's score in a column: what the platform was told last, and when it was told."""

    __tablename__ = "lti_grade_delivery"
    __table_args__ = (
        UniqueConstraint("line_item_id", "account_id"),
        Index("ix_lti_grade_delivery_account_id", "account_id"),
        Index("ix_lti_grade_delivery_line_item_id_due_at", "line_item_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("lti_line_item.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("lti_account.id"))
    state: Mapped[str] = mapped_column(default=DeliveryState.WAITING)
    given: Mapped[float | None]  # what the platform has
    maximum: Mapped[float | None]
    comment: Mapped[str] = mapped_column(default="")
    score_at: Mapped[datetime | None]  # the timestamp sent: strictly newer each time
    delivered_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # None when nothing waits
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]  # a sentence for the admin

    line_item: Mapped[LineItem] = relationship()
    account: Mapped[Account] = relationship()
