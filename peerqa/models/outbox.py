"""Rows are the queue: what is to be done after a commit, and was asked for in it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class OutboxRow(Base):
    """One thing to do; deleted when done, kept with its error when given up."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_topic_due_at",
            "topic",
            "due_at",
            sqlite_where=text("dead_at IS NULL"),
            postgresql_where=text("dead_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    error: Mapped[str | None]
    dead_at: Mapped[datetime | None]
