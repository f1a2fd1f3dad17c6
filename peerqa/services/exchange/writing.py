"""What the steps of writing one batch share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from peerqa.models import ImportBatch, ImportedChange, ImportedThing, Space
from peerqa.services.exchange.report import Report
from peerqa.services.exchange.spool import CHUNK, Spool
from peerqa.services.exchange.waiting import Known

T = TypeVar("T")


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

    @property
    def organization_id(self) -> int:
        """Return the organization that it goes to."""
        return self.batch.organization_id

    def added(
        self,
        kind: str,
        rows: Sequence[tuple[str, int]],
        *,
        states: Mapping[str, str] | None = None,
        votes: Mapping[str, int] | None = None,
    ) -> None:
        """Remember what the batch added: external ids and ids; by which states and votes."""
        known = [self.spool.known(kind, external_id) for external_id, _ in rows]
        stale = [k.id for k in known if k is not None]  # it was here, and somebody removed it
        for ids in chunks(stale):
            self.session.execute(
                delete(ImportedChange).where(ImportedChange.imported_thing_id.in_(ids))
            )
            self.session.execute(delete(ImportedThing).where(ImportedThing.id.in_(ids)))
        self._insert(kind, rows, states or {}, votes or {})

    def changed(self, known: Known, before: Mapping[str, Any], **now: object) -> None:
        """Remember what the batch changed, and how it was; Any: values of any kind."""
        self.session.execute(
            insert(ImportedChange),
            [{"batch_id": self.batch.id, "imported_thing_id": known.id, "before": dict(before)}],
        )
        self.session.execute(
            update(ImportedThing).where(ImportedThing.id == known.id).values(**now),
            execution_options={"synchronize_session": False},
        )

    def _insert(
        self,
        kind: str,
        rows: Sequence[tuple[str, int]],
        states: Mapping[str, str],
        votes: Mapping[str, int],
    ) -> None:
        things = [
            {
                "organization_id": self.organization_id,
                "batch_id": self.batch.id,
                "source": self.batch.source,
                "kind": kind,
                "external_id": external_id,
                "thing_id": thing_id,
                "state": states.get(external_id, ""),
                "version": 1,
                "vote_count": votes.get(external_id, 0),
            }
            for external_id, thing_id in rows
        ]
        if things:
            self.session.execute(insert(ImportedThing), things)


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield pieces that fit into one statement."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
