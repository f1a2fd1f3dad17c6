"""Help that a check found not to be fair, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class FairnessCase(Base):
    """A pattern that was found; its lines of the ledger are taken back until it is overturned."""

    __tablename__ = "fairness_case"
    __table_args__ = (Index("ix_fairness_case_organization_id", "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    pattern: Mapped[str]  # services/recognition/fairness.Pattern
    found_at: Mapped[datetime]
    appealed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appealed_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decided_at: Mapped[datetime | None]
    is_upheld: Mapped[bool | None]
    why: Mapped[str] = mapped_column(default="")  # of the decision

    appealed_by: Mapped[Member | None] = relationship(foreign_keys=[appealed_by_id])
    lines: Mapped[list[FairnessLine]] = relationship(order_by="FairnessLine.id")


class FairnessLine(Base):
    """A line of a ledger that a case takes back; the post may be removed since."""

    __tablename__ = "fairness_line"
    __table_args__ = (
        UniqueConstraint("case_id", "member_id", "post_id", "giver_id", name="uq_fairness_line"),
        Index("ix_fairness_line_member_id", "member_id"),
        Index("ix_fairness_line_giver_id", "giver_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("fairness_case.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))  # whose ledger it is
    giver_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    post_id: Mapped[int]
