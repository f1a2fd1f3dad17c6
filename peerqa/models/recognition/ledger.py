"""The ledger of help: lines that are added and never changed, and one figure summed from them.

What a line is worth stands in none of them: services/recognition/worth.py says it of all that stand
at a time, so that the order in which they came makes no difference.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class LedgerEntry(Base):
    """A member helped somebody; or a counter-entry takes back the entry of the same turn.

    The post has no foreign key: a line stays when its post is removed, as by undoing an import.
    """

    __tablename__ = "ledger_entry"
    __table_args__: tuple[Any, ...] = (  # Any: constraints and indexes
        UniqueConstraint(
            *("member_id", "reason", "post_id", "giver", "turn", "is_counter"),
            name="uq_ledger_entry_line",
        ),
        Index("ix_ledger_entry_post_id", "post_id"),
        Index("ix_ledger_entry_giver", "giver"),
        Index("ix_ledger_entry_organization_id", "organization_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))  # whose ledger it is
    reason: Mapped[str]  # one of services/recognition/worth.NOMINAL
    post_id: Mapped[int]  # the answer or the guide
    giver: Mapped[str]  # who was helped, as services/recognition/facts.py writes it; may be nobody
    turn: Mapped[int]  # from 1; rises when what was taken back holds again
    is_counter: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]  # of what happened; to the hour where the giver is not to be known
    why: Mapped[str] = mapped_column(default="")  # of a counter-entry: one of Why


class HelpCount(Base):
    """How many different people a member has helped: summed from the lines that stand."""

    __tablename__ = "help_count"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id"), primary_key=True, autoincrement=False
    )
    people: Mapped[int] = mapped_column(default=0)
