"""Upkeep of the indexes, by the worker: missing vectors filled in, bases saved, vectors erased.

A base is saved anew when what came after it, or what died in it, has grown; when it is damaged or
from another model; or when the database was put back to an older state than the base is from.
What is gone from the database leaves the files of every model's base at the next turn.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from indexer.errors import IndexMissing, IndexUnavailable
from indexer.faiss_base import open_base
from indexer.lists import Layout
from indexer.ports import Encoder
from indexer.saving import erased_up_to, sweep
from peerqa.database import db
from peerqa.models import Embedding, Organization
from peerqa.search.engine import SearchEngine
from peerqa.search.saving import erase_gone, revision_of, save_base
from peerqa.search.updating import fill_gaps
from peerqa.services.organizations import list_organizations

if TYPE_CHECKING:
    from peerqa.search.pgvector_upkeep import PgvectorUpkeep

WORTH_SAVING = 1_000  # changes after a base that make a new one worth while …
SHARE_WORTH_SAVING = 0.1  # … and at least this share of it …
MOST_UNSAVED = 20_000  # … or so many: 30 MB in every process, and 1 to 2 ms of every look-up
VERIFY_SECONDS = 60.0  # between readings of a whole base, which find damage …
VERIFY_SHARE = 0.02  # … and of the time, at most, that is spent on reading
EDITED_SECONDS = 3600.0  # that the vector of a text may stay in a file after the text was edited
FILLING_SECONDS = 5.0  # that one run fills gaps

log = structlog.get_logger()


@dataclass(frozen=True)
class _Read:
    """When a base was last read as a whole, and found to be in order."""

    revision: int
    good_until: float


class Upkeep:
    """What the worker's timers call."""

    def __init__(self, engine: SearchEngine, *, layout: Layout | None = None) -> None:
        self._engine = engine
        self._layout = layout
        self._tables = _keeper_of(engine)
        self._filled_for: str | None = None  # the model whose gaps were filled since the start
        self._filled_up_to = 0  # the post that filling has come to
        self._read: dict[Path, _Read] = {}
        self._edited_due: dict[Path, float] = {}
        self._erased: dict[Path, int] = {}  # base → revision up to which nothing is to be erased

    def run(self) -> None:
        """Do all of it."""
        self.fill()
        self.keep_bases()

    def fill(self) -> None:
        """Fill gaps once for each model, some at a time."""
        encoder = self._engine.find_encoder()
        if encoder is not None and self._filled_for != encoder.model:
            self._fill_some(encoder)
            self.follow()

    def update(self, post_ids: Sequence[str]) -> None:
        """Do what the outbox asks under "index"."""
        try:
            self._engine.update(post_ids)
        finally:
            self.follow()

    def follow(self) -> None:
        """Have pgvector take over what was just written; files of FAISS are followed by all."""
        if self._tables is not None:
            self._tables.follow()

    def keep_bases(self) -> None:
        """Save the bases that are worth it, and erase what is gone from all of them.

        A large base takes minutes, so this runs beside what else the worker does.
        """
        encoder = self._engine.find_encoder()
        session = db.session()
        organizations = list_organizations(session)
        organization_ids = {organization.id for organization in organizations}
        if self._tables is not None:
            session.rollback()
            self._tables.keep(organization_ids, encoder)
            return
        self._clear_out(organization_ids)
        for organization in organizations:
            if encoder is not None:
                self._save(session, organization, encoder)
            for folder in self._bases_of(organization):
                self._erase(session, organization, folder)
        session.rollback()

    def _save(self, session: Session, organization: Organization, encoder: Encoder) -> None:
        folder = self._engine.indexes.folder_of(organization.id, encoder.model)
        revision = self._base_revision(folder, encoder)
        if needs_base(session, organization, encoder, folder=folder, base_revision=revision):
            save_base(session, self._engine, organization, encoder, layout=self._layout)
            self._read.pop(folder, None)
            self._erased.pop(folder, None)

    def _erase(self, session: Session, organization: Organization, folder: Path) -> None:
        try:
            since = max(self._erased.get(folder, 0), erased_up_to(folder))
            is_due = time.monotonic() >= self._edited_due.get(folder, 0.0)
            self._erased[folder] = erase_gone(
                session, organization, folder, since=since, edited_alone=is_due
            )
            if is_due:
                self._edited_due[folder] = time.monotonic() + EDITED_SECONDS
        except IndexMissing:
            return
        except IndexUnavailable as error:  # nobody can search it, and nothing can be erased in it
            log.warning("index.removed", folder=str(folder), reason=str(error))
            self._read.pop(folder, None)
            shutil.rmtree(folder, ignore_errors=True)

    def _bases_of(self, organization: Organization) -> list[Path]:
        """Return where bases of the organization may be, one for each model there ever was."""
        return _folders_in(self._engine.indexes.folder / str(organization.id))

    def _clear_out(self, organization_ids: set[int]) -> None:
        """Remove the bases of organizations that are gone."""
        for folder in _folders_in(self._engine.indexes.folder):
            if folder.name.isdigit() and int(folder.name) not in organization_ids:
                shutil.rmtree(folder, ignore_errors=True)

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
        began = time.monotonic()
        if (read := self._read.get(folder)) and began < read.good_until:
            return read.revision
        try:
            base = open_base(folder, model=encoder.model, dimension=encoder.dimension)
        except IndexUnavailable:
            self._read.pop(folder, None)
            return None
        sweep(folder)
        ended = time.monotonic()
        good_for = max(VERIFY_SECONDS, (ended - began) / VERIFY_SHARE)
        self._read[folder] = _Read(base.revision, ended + good_for)
        return base.revision


def _keeper_of(engine: SearchEngine) -> "PgvectorUpkeep | None":
    if engine.tables is None:
        return None
    from peerqa.search.pgvector_upkeep import PgvectorUpkeep

    return PgvectorUpkeep(engine.tables)


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
    if base_revision is not None and base_revision > revision_of(session, organization.id):
        return True
    changed = _count(session, organization, encoder, Embedding.revision > (base_revision or 0))
    if base_revision is None:  # a small organization needs none, but a damaged one goes
        return changed >= WORTH_SAVING or (changed > 0 and folder.exists())
    if changed < WORTH_SAVING:
        return False
    total = _count(session, organization, encoder, Embedding.vector.is_not(None))
    return changed >= min(SHARE_WORTH_SAVING * total, MOST_UNSAVED)


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


def _folders_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
