"""How sure an organization's look-ups may be, learned from its own feedback: a row for each model.

A row is kept where the prior holds, too: it says why, and what was measured. Nothing in it is of
one person: sums and curves alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class FittedGate(Base):
    """What indexer.calibration.Gate is read from; read it through search.gates alone."""

    __tablename__ = "gate"
    __table_args__ = (UniqueConstraint("organization_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    model: Mapped[str]
    verdict: Mapped[str]  # own, or why the prior holds: indexer.feedback.Verdict
    bias: Mapped[float | None]  # all three None: the prior holds
    similarity: Mapped[float | None]
    gap: Mapped[float | None]
    confirmed_count: Mapped[int]
    refused_count: Mapped[int]
    duplicate_count: Mapped[int]  # links whose titles were looked up
    evidence_hash: Mapped[str]  # the same evidence is not learned from twice
    fitted_at: Mapped[datetime]  # when the evidence was last learned from
    measured: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: search.gate_measures
