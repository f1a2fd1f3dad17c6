"""The vector indexes of this process: opened beside the work, caught up before each look-up.

Rows of `embedding` are the truth. A process maps the base that the worker saved and follows
`revision > seen` by one indexed query. Without a base, or with a damaged one, it starts from
nothing where the rows are few, and otherwise leaves look-ups to words until there is a new base.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from indexer.errors import IndexerError, IndexMissing
from indexer.faiss_base import CURRENT
from indexer.faiss_index import Change, OrganizationIndex
from indexer.ports import Encoder
from peerqa.models import Embedding

MOST_CAUGHT_UP = 5_000  # changes that a look-up takes over; more is the worker's to save as a base
OPENING_SECONDS = 0.3  # that a look-up waits for an index to be opened
LOOK_AGAIN_SECONDS = 2.0  # between looks whether there is a newer base

log = structlog.get_logger()

# Made once, and of the table: it is asked at every look-up, and is quicker asked than made.
_ROW = Embedding.__table__.c
_CHANGED = (
    select(_ROW.id, _ROW.question_id, _ROW.vector, _ROW.revision)
    .where(
        _ROW.organization_id == bindparam("organization"),
        _ROW.model == bindparam("model"),
        _ROW.revision > bindparam("seen"),
    )
    .order_by(_ROW.revision)
    .limit(MOST_CAUGHT_UP + 1)
)


class TooFarBehind(IndexerError):
    """More has changed than a look-up may take over; the worker saves a new base."""


@dataclass
class _Place:
    """What this process holds of one organization's index."""

    folder: Path
    index: OrganizationIndex | None = None
    opened: tuple[int, int] | None = None  # of the pointer to the base: inode, time
    opener: threading.Thread | None = None
    next_look: float = 0.0
    problem: str | None = None


class Indexes:
    """One index an organization and model."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[tuple[int, str], _Place] = {}
        self._lock = threading.Lock()

    def folder_of(self, organization_id: int, model: str) -> Path:
        """Return where the base of an organization is saved."""
        return self._folder / str(organization_id) / quote(model, safe="")

    def find(
        self, session: Session, organization_id: int, encoder: Encoder
    ) -> OrganizationIndex | None:
        """Return the index, equal to the database; None when it is not ready yet."""
        place = self._place(organization_id, encoder)
        self._have_opened(place, encoder)
        if place.index is None:
            return None
        try:
            catch_up(session, place.index, organization_id)
        except TooFarBehind:
            place.problem = "too far behind"
            return None
        place.problem = None
        return place.index

    def problem(self, organization_id: int, encoder: Encoder) -> str | None:
        """Return why the index cannot be used, or None."""
        return self._place(organization_id, encoder).problem

    def state(self) -> str:
        """Return unused, loading, ready, or what is amiss with one of them."""
        with self._lock:
            places = list(self._places.values())
        problems = [place.problem for place in places if place.problem is not None]
        if problems or not places:
            return problems[0] if problems else "unused"
        return "loading" if any(place.index is None for place in places) else "ready"

    def _place(self, organization_id: int, encoder: Encoder) -> _Place:
        key = (organization_id, encoder.model)
        with self._lock:
            if key not in self._places:
                self._places[key] = _Place(self.folder_of(organization_id, encoder.model))
            return self._places[key]

    def _have_opened(self, place: _Place, encoder: Encoder) -> None:
        """Open the base when there is a newer one; wait only when there is nothing at all."""
        now = time.monotonic()
        with self._lock:
            if place.opener is None and now >= place.next_look:
                place.next_look = now + LOOK_AGAIN_SECONDS
                if place.index is None or _pointer(place.folder) != place.opened:
                    place.opener = threading.Thread(
                        target=self._open, args=(place, encoder), name="open index", daemon=True
                    )
                    place.opener.start()
            opener = place.opener
        if place.index is None and opener is not None:
            opener.join(OPENING_SECONDS)

    def _open(self, place: _Place, encoder: Encoder) -> None:
        pointer = _pointer(place.folder)
        try:
            fresh = OrganizationIndex.open(
                place.folder, model=encoder.model, dimension=encoder.dimension
            )
        except IndexMissing:
            fresh = OrganizationIndex.empty(model=encoder.model, dimension=encoder.dimension)
        except IndexerError as error:
            log.warning("index.unusable", folder=place.folder.name, reason=str(error))
            fresh = OrganizationIndex.empty(model=encoder.model, dimension=encoder.dimension)
        finally:
            place.opener = None
        place.index, place.opened = fresh, pointer


def catch_up(session: Session, index: OrganizationIndex, organization_id: int) -> int:
    """Take over what changed in the database since the index was saved.

    Returns:
        How many rows changed.

    Raises:
        TooFarBehind: more than a look-up can wait for.
    """
    rows = session.execute(
        _CHANGED,
        {"organization": organization_id, "model": index.model, "seen": index.revision},
    ).all()
    if len(rows) > MOST_CAUGHT_UP:
        raise TooFarBehind("More has changed than a look-up can take over.")
    if rows:
        changes = [Change(row.id, row.question_id, read_vector(row.vector)) for row in rows]
        index.apply(changes, revision=rows[-1].revision)
    return len(rows)


def read_vector(stored: bytes | None) -> np.ndarray[tuple[int], np.dtype[np.float32]] | None:
    """Read a stored vector; None for one that is gone."""
    return None if stored is None else np.frombuffer(stored, "<f4")


def _pointer(folder: Path) -> tuple[int, int] | None:
    try:
        status = (folder / CURRENT).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
