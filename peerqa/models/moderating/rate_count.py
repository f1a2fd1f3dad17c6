"""How often somebody did something in this hour; whoever has the instance key alone knows who."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class RateCount(Base):
    """One member and one act in one hour: a keyed digest, so it joins nothing to anybody."""

    __tablename__ = "rate_count"
    __table_args__ = (Index("ix_rate_count_until", "until"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime]  # the end of the hour
