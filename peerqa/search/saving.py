"""Saves the rows of an organization as a base, and takes out of a base what is gone from the rows.

A base holds what the rows said at one revision. One process at a time saves the base of an
organization, and reads the rows after it was let in: an older state never replaces a newer one.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from indexer.faiss_index import write_base
from indexer.files import locked
from indexer.lists import Layout
from indexer.ports import Encoder
from indexer.saving import erase_from_base
from peerqa.database import transaction
from peerqa.models import Embedding, IndexRevision, Organization
from peerqa.search.encoders import give_memory_back
from peerqa.search.engine import SearchEngine
from peerqa.search.indexes import read_vector

CHUNK = 10_000  # vectors read from the database at once, 15 MB

log = structlog.get_logger()


def save_base(
    session: Session,
    engine: SearchEngine,
    organization: Organization,
    encoder: Encoder,
    *,
    layout: Layout | None = None,
) -> int:
    """Save all vectors of the organization as a new base; returns how many."""
    organization_id = organization.id
    folder = engine.indexes.folder_of(organization_id, encoder.model)
    with locked(_lock_of(folder)):
        session.rollback()  # what was read before the wait may be old
        revision = revision_of(session, organization.id)
        rows = _rows(session, organization_id, encoder.model, up_to=revision)
        write_base(
            folder,
            model=encoder.model,
            dimension=encoder.dimension,
            revision=revision,
            ids=rows[:, 0],
            owners=rows[:, 1],
            vectors=_Vectors(session, rows[:, 0], encoder.dimension),
            layout=layout,
        )
    give_memory_back()
    with transaction() as writing:
        writing.execute(
            delete(Embedding).where(
                Embedding.organization_id == organization_id,
                Embedding.model == encoder.model,
                Embedding.vector.is_(None),
                Embedding.revision <= revision,
            )
        )
    log.info("index.saved", organization=organization_id, vectors=len(rows), revision=revision)
    return len(rows)


def erase_gone(
    session: Session,
    organization: Organization,
    folder: Path,
    *,
    since: int,
    edited_alone: bool = False,
) -> int:
    """Erase from a base what is gone from the database, with what was replaced meanwhile.

    Args:
        session: it is read from.
        organization: whose base it is.
        folder: of the base, named for its model.
        since: the revision up to which nothing is left to be erased.
        edited_alone: even when nothing is gone, and vectors were only replaced.

    Returns:
        The revision up to which nothing is left to be erased now.

    Raises:
        IndexUnavailable: there is no base, or a damaged one.
        SavingFailed: the disk is full or refuses.
    """
    changed = (
        Embedding.organization_id == organization.id,
        Embedding.model == unquote(folder.name),
        Embedding.revision > since,
    )
    gone = () if edited_alone else (Embedding.vector.is_(None),)
    if session.scalar(select(Embedding.id).where(*changed, *gone).limit(1)) is None:
        return since
    with locked(_lock_of(folder)):
        session.rollback()
        rows = session.execute(select(Embedding.id, Embedding.revision).where(*changed)).all()
        revision = max((row.revision for row in rows), default=since)
        count = erase_from_base(folder, [row.id for row in rows], revision=revision)
    if count:
        give_memory_back()
        log.info("index.erased", organization=organization.id, vectors=count, revision=revision)
    return revision


def revision_of(session: Session, organization_id: int) -> int:
    """Return the newest revision of the organization's vectors."""
    found = session.scalar(
        select(IndexRevision.revision).where(IndexRevision.organization_id == organization_id)
    )
    return found or 0


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.saving.lock")


def _rows(session: Session, organization_id: int, model: str, *, up_to: int) -> NDArray[np.int64]:
    """Return id and owner of every vector, in order of the id, in two columns."""
    rows = session.execute(
        select(Embedding.id, Embedding.question_id)
        .where(
            Embedding.organization_id == organization_id,
            Embedding.model == model,
            Embedding.vector.is_not(None),
            Embedding.revision <= up_to,
        )
        .order_by(Embedding.id),
        execution_options={"yield_per": CHUNK},
    )
    parts = [np.array([tuple(row) for row in part], np.int64) for part in rows.partitions()]
    return np.concatenate(parts) if parts else np.empty((0, 2), np.int64)


class _Vectors(Sequence[NDArray[np.float32]]):
    """The vectors of these rows, read in chunks, so that a million do not stand in memory."""

    def __init__(self, session: Session, ids: NDArray[np.int64], dimension: int) -> None:
        self._session = session
        self._ids = ids
        self._dimension = dimension

    def __len__(self) -> int:
        return -(-len(self._ids) // CHUNK)

    def __getitem__(self, place: int) -> NDArray[np.float32]:  # type: ignore[override]  # no slices
        if not 0 <= place < len(self):
            raise IndexError(place)
        ids = self._ids[place * CHUNK : (place + 1) * CHUNK]
        rows = self._session.execute(
            select(Embedding.id, Embedding.vector)
            .where(Embedding.id.between(int(ids[0]), int(ids[-1])))
            .order_by(Embedding.id)
        )
        found = np.zeros((len(ids), self._dimension), np.float32)
        place_of = {row_id: n for n, row_id in enumerate(ids.tolist())}
        for row_id, stored in rows:
            vector = read_vector(stored)
            if vector is not None and row_id in place_of:  # gone meanwhile: a tombstone follows
                found[place_of[row_id]] = vector
        return found
