"""What `peerqa tune` learned from an organization and kept: one row for each step.

What did not win leaves no row. A step that was taken back stays, with the instant. Nothing in a
row is of one person: numbers, and names of models.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Tuning(Base):
    """A step: weights of the ranking for a model, or a model in place of another."""

    __tablename__ = "tuning"
    __table_args__ = (Index("ix_tuning_organization_id_model", "organization_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    kind: Mapped[str]  # weights or model
    model: Mapped[str]  # that served when it was learned
    agreement: Mapped[float | None]  # of indexer.ranking.Weights; None for a model
    coverage: Mapped[float | None]
    made: Mapped[str | None]  # the model that took its place; None for weights
    thread_count: Mapped[int]
    example_count: Mapped[int]
    measured: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: indexer.tuning.Comparison
    tuned_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
