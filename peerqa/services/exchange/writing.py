"""What the steps of writing one batch share.

Rows go in by plain bulk statements with ids that were taken beforehand: asking the database for
the ids of new rows makes it answer row by row, and other writers wait meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Executable, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from peerqa.database import Base, dialect_name
from peerqa.models import ImportBatch, ImportedChange, ImportedThing, Space
from peerqa.services.exchange.report import Report
from peerqa.services.exchange.spool import CHUNK, Spool
from peerqa.services.exchange.waiting import Known

T = TypeVar("T")
Values = dict[str, Any]  # a row for a bulk statement; Any: values of any kind


@dataclass(frozen=True)
class Brought:
    """A thing that a batch adds: its name at the source, and what it is here."""

    external_id: str
    thing_id: int
    state: str = ""
    votes: int = 0


@dataclass
class Writing:
    """One batch while it is written."""

    session: Session
    spool: Spool
    batch: ImportBatch
    space: Space
    at: datetime
    report: Report
    members: dict[str, int] = field(default_factory=dict)  # ref of a person → id
    topics: dict[str, int] = field(default_factory=dict)  # name → id

    @property
    def organization_id(self) -> int:
        """Return the organization that it goes to."""
        return self.batch.organization_id

    def insert(self, model: type[Base], rows: Sequence[Values]) -> None:
        """Insert rows in bulk; their defaults must be in them."""
        self.execute(insert(model.__table__), rows)  # type: ignore[arg-type]  # a Table

    def execute(self, statement: Executable, rows: Sequence[Values]) -> None:
        """Run a statement once for each row."""
        if rows:
            self.session.connection().execute(statement, list(rows))

    def take_ids(self, model: type[Base], count: int) -> Sequence[int]:
        """Return ids for new rows, rising; nobody else gets them."""
        name = str(model.__table__.name)  # type: ignore[attr-defined]  # a Table
        if dialect_name(self.session) == "postgresql":
            sequence = func.nextval(func.pg_get_serial_sequence(name, "id"))
            rows = self.session.scalars(
                select(sequence).select_from(func.generate_series(1, count).alias())
            )
            return sorted(rows)
        # This transaction is the only writer. A given id may be gone again, so the counter decides.
        last = self.session.scalar(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name}
        ) or self.session.scalar(select(func.max(model.__table__.c.id)))
        return range((last or 0) + 1, (last or 0) + 1 + count)

    def added(self, kind: str, things: Sequence[Brought]) -> None:
        """Remember what the batch added."""
        rows: list[Values] = [
            {
                "organization_id": self.organization_id,
                "batch_id": self.batch.id,
                "source": self.batch.source,
                "kind": kind,
                "external_id": thing.external_id,
                "thing_id": thing.thing_id,
                "state": thing.state,
                "version": 1,
                "vote_count": thing.votes,
            }
            for thing in things
        ]
        self.insert(ImportedThing, rows)

    def forget(self, known: Known) -> None:
        """Forget a thing that an earlier import brought and somebody has removed."""
        self.session.execute(
            delete(ImportedChange).where(ImportedChange.imported_thing_id == known.id)
        )
        self.session.execute(delete(ImportedThing).where(ImportedThing.id == known.id))

    def changed(self, known: Known, before: Mapping[str, Any], **now: object) -> None:
        """Remember what the batch changed, and how it was; Any: values of any kind."""
        self.session.add(
            ImportedChange(batch_id=self.batch.id, imported_thing_id=known.id, before=dict(before))
        )
        self.session.execute(
            update(ImportedThing).where(ImportedThing.id == known.id).values(**now),
            execution_options={"synchronize_session": False},
        )


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield pieces that fit into one statement."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
