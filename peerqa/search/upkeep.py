"""Upkeep of the indexes, by the worker: missing vectors filled in, bases saved.

A base is saved anew when what came after it, or what died in it, has grown; when it is damaged or
from another model; or when the database was put back to an older state than the base is from.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from indexer.errors import IndexUnavailable
from indexer.faiss_index import OrganizationIndex, write_base
from indexer.ports import Encoder
from peerqa.database import db, transaction
from peerqa.models import Embedding, IndexRevision, Organization
from peerqa.search.engine import SearchEngine
from peerqa.search.indexes import read_vector
from peerqa.search.updating import fill_gaps
from peerqa.services.organizations import list_organizations

WORTH_SAVING = 1_000  # changes after a base that make a new one worth while …
SHARE_WORTH_SAVING = 0.1  # … and at least this share of it
VERIFY_SECONDS = 60.0  # between readings of a whole base, which find damage
FILLING_SECONDS = 5.0  # that one run fills gaps
CHUNK = 10_000  # vectors read from the database at once, 15 MB

log = structlog.get_logger()


class Upkeep:
    """What the worker's timer calls."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._filled_for: str | None = None  # the model whose gaps were filled since the start
        self._filled_up_to = 0  # the post that filling has come to
        self._verified: dict[Path, tuple[float, int]] = {}  # base → when read, its revision

    def run(self) -> None:
        """Fill gaps once for each model, some at a time, and save the bases that are worth it."""
        encoder = self._engine.find_encoder()
        if encoder is None:
            return
        if self._filled_for != encoder.model:
            self._fill_some(encoder)
        session = db.session()
        for organization in list_organizations(session):
            folder = self._engine.indexes.folder_of(organization.id, encoder.model)
            revision = self._base_revision(folder, encoder)
            if needs_base(session, organization, encoder, folder=folder, base_revision=revision):
                save_base(session, self._engine, organization, encoder)
                self._verified.pop(folder, None)
        session.rollback()

    def _fill_some(self, encoder: Encoder) -> None:
        """Fill gaps for a few seconds: mail and new posts wait for this thread, too."""
        until = time.monotonic() + FILLING_SECONDS
        while time.monotonic() < until:
            ended = fill_gaps(encoder, after=self._filled_up_to)
            if ended is None:
                self._filled_for, self._filled_up_to = encoder.model, 0
                return
            self._filled_up_to = ended

    def _base_revision(self, folder: Path, encoder: Encoder) -> int | None:
        """Return the revision of the saved base; None when there is none that can be used."""
        read_at, revision = self._verified.get(folder, (-VERIFY_SECONDS, 0))
        if time.monotonic() - read_at < VERIFY_SECONDS:
            return revision
        try:
            index = OrganizationIndex.open(folder, model=encoder.model, dimension=encoder.dimension)
        except IndexUnavailable:
            self._verified.pop(folder, None)
            return None
        self._verified[folder] = (time.monotonic(), index.revision)
        return index.revision


def fill_all_gaps(encoder: Encoder, *, progress: Callable[[int], None] | None = None) -> int:
    """Index every post that has no vector of this model; returns how many batches it took."""
    after, batches = 0, 0
    while (ended := fill_gaps(encoder, after=after)) is not None:
        after, batches = ended, batches + 1
        if progress is not None:
            progress(batches)
    return batches


def needs_base(
    session: Session,
    organization: Organization,
    encoder: Encoder,
    *,
    folder: Path,
    base_revision: int | None,
) -> bool:
    """Whether a new base is worth saving."""
    if base_revision is not None and base_revision > revision_of(session, organization):
        return True
    changed = _count(session, organization, encoder, Embedding.revision > (base_revision or 0))
    if base_revision is None:  # a small organization needs none, but a damaged one goes
        return changed >= WORTH_SAVING or (changed > 0 and folder.exists())
    if changed < WORTH_SAVING:
        return False
    total = _count(session, organization, encoder, Embedding.vector.is_not(None))
    return changed >= SHARE_WORTH_SAVING * total


def save_base(
    session: Session, engine: SearchEngine, organization: Organization, encoder: Encoder
) -> int:
    """Save all vectors of the organization as a new base; returns how many."""
    organization_id = organization.id
    revision = revision_of(session, organization)
    rows = session.execute(
        select(Embedding.id, Embedding.question_id)
        .where(
            Embedding.organization_id == organization_id,
            Embedding.model == encoder.model,
            Embedding.vector.is_not(None),
            Embedding.revision <= revision,
        )
        .order_by(Embedding.id)
    ).all()
    write_base(
        engine.indexes.folder_of(organization_id, encoder.model),
        model=encoder.model,
        dimension=encoder.dimension,
        revision=revision,
        ids=[row.id for row in rows],
        owners=[row.question_id for row in rows],
        vectors=_Vectors(session, [row.id for row in rows]),
    )
    with transaction() as writing:
        writing.execute(
            delete(Embedding).where(
                Embedding.organization_id == organization_id,
                Embedding.vector.is_(None),
                Embedding.revision <= revision,
            )
        )
    log.info("index.saved", organization=organization_id, vectors=len(rows), revision=revision)
    return len(rows)


class _Vectors(Sequence[NDArray[np.float32]]):
    """The vectors of these rows, read in chunks, so that a million do not stand in memory."""

    def __init__(self, session: Session, ids: list[int]) -> None:
        self._session = session
        self._ids = ids

    def __len__(self) -> int:
        return -(-len(self._ids) // CHUNK)

    def __getitem__(self, place: int) -> NDArray[np.float32]:  # type: ignore[override]  # no slices
        if not 0 <= place < len(self):
            raise IndexError(place)
        ids = self._ids[place * CHUNK : (place + 1) * CHUNK]
        rows = self._session.execute(
            select(Embedding.id, Embedding.vector)
            .where(Embedding.id.between(ids[0], ids[-1]))
            .order_by(Embedding.id)
        )
        wanted = set(ids)
        vectors = [read_vector(vector) for row_id, vector in rows if row_id in wanted]
        return np.stack([vector for vector in vectors if vector is not None])


def revision_of(session: Session, organization: Organization) -> int:
    """Return the newest revision of the organization's vectors."""
    found = session.scalar(
        select(IndexRevision.revision).where(IndexRevision.organization_id == organization.id)
    )
    return found or 0


def _count(
    session: Session, organization: Organization, encoder: Encoder, which: ColumnElement[bool]
) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Embedding)
            .where(
                Embedding.organization_id == organization.id,
                Embedding.model == encoder.model,
                which,
            )
        )
        or 0
    )
