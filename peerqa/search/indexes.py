"""The vector indexes of this process: opened beside the work, caught up before each look-up.

Rows of `embedding` are the truth. A process maps the base that the worker saved and follows
`revision > seen` by one indexed query. Without a base, or with a damaged one, it starts from
nothing; while it takes over what is too much for one look-up, look-ups go by words.

Of many organizations those looked at last stay open. A look-up holds the index that it was given,
so what is let go meanwhile is unmapped when that look-up ends.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from indexer.errors import IndexerError, IndexMissing, IndexUnavailable, TooFarBehind
from indexer.faiss_index import Change, OrganizationIndex
from indexer.generation import current_name
from indexer.ports import Encoder
from peerqa.models import Embedding
from peerqa.settings import Settings

if TYPE_CHECKING:
    from peerqa.search.pgvector import PgvectorIndexes

MOST_CAUGHT_UP = 5_000  # changes that a look-up takes over; the next one goes on where it ended
MOST_IN_MEMORY = 30_000  # changes after the base, 45 MB; the worker saves a base before that
OPENING_SECONDS = 0.3  # that a look-up waits for an index to be opened
LOOK_AGAIN_SECONDS = 2.0  # between attempts to open a base
MOST_OPEN = 100  # indexes; each takes two file descriptors and two maps
MOST_PRIVATE_BYTES = 64 << 20  # of memory that is this process's own, of all but the one in use
STALE_SECONDS = 30.0  # between looks for bases that were replaced and that nobody looks into

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
    .limit(bindparam("most"))
)


@dataclass
class _Place:
    """What this process holds of one organization's index."""

    folder: Path
    index: OrganizationIndex | None = None
    opened: str | None = None  # name of the generation
    opener: threading.Thread | None = None
    next_look: float = 0.0
    problem: str | None = None


class Indexes:
    """One index an organization and model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._places: OrderedDict[tuple[int, str], _Place] = OrderedDict()  # the last used at last
        self._next_stale_look = 0.0
        self._lock = threading.Lock()

    def folder_of(self, organization_id: int, model: str) -> Path:
        """Return where the base of an organization is saved."""
        return self.folder / str(organization_id) / quote(model, safe="")

    def find(
        self, session: Session, organization_id: int, encoder: Encoder
    ) -> OrganizationIndex | None:
        """Return the index, equal to the database; None when it is not ready yet."""
        place = self._place(organization_id, encoder)
        pointer = _pointer(place.folder)
        self._have_opened(place, encoder, pointer)
        index = place.index
        if index is None:
            return None
        if pointer != place.opened and index.revision < _revision_in(pointer):
            return None  # tombstones up to the revision of a base are gone from the database
        try:
            catch_up(session, index, organization_id)
        except TooFarBehind:
            place.problem = "too far behind"
            return None
        place.problem = None
        self._make_room(place)
        return index

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
            self._places.move_to_end(key)
            return self._places[key]

    def _have_opened(self, place: _Place, encoder: Encoder, pointer: str | None) -> None:
        """Open the base when there is another one; wait a moment for it."""
        now = time.monotonic()
        with self._lock:
            is_wanted = place.index is None or pointer != place.opened
            if is_wanted and place.opener is None and now >= place.next_look:
                place.next_look = now + LOOK_AGAIN_SECONDS
                place.opener = threading.Thread(
                    target=self._open, args=(place, encoder), name="open index", daemon=True
                )
                place.opener.start()
            opener = place.opener
        if is_wanted and opener is not None:
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
        place.index, place.opened, place.opener = fresh, pointer, None

    def _make_room(self, used: _Place) -> None:
        """Let go of what was not looked into for longest, and of bases that were replaced."""
        now = time.monotonic()
        with self._lock:
            if now >= self._next_stale_look:
                self._next_stale_look = now + STALE_SECONDS
                for key, place in list(self._places.items()):
                    if place is not used and _pointer(place.folder) != place.opened:
                        del self._places[key]
            private_bytes = sum(_private_bytes(place) for place in self._places.values())
            while len(self._places) > MOST_OPEN or private_bytes > MOST_PRIVATE_BYTES:
                if len(self._places) == 1:
                    return
                _, oldest = self._places.popitem(last=False)
                private_bytes -= _private_bytes(oldest)


def open_tables(settings: Settings) -> "PgvectorIndexes | None":
    """Return the vectors in PostgreSQL, where they are; its driver is imported there alone."""
    if settings.vectors != "pgvector":
        return None
    from peerqa.search.pgvector import PgvectorIndexes

    return PgvectorIndexes()


def catch_up(session: Session, index: OrganizationIndex, organization_id: int) -> int:
    """Take over what changed in the database since the index was saved.

    Returns:
        How many rows changed.

    Raises:
        TooFarBehind: more than a look-up can wait for; a part may have been taken over.
    """
    rows = session.execute(
        _CHANGED,
        {
            "organization": organization_id,
            "model": index.model,
            "seen": index.revision,
            "most": MOST_CAUGHT_UP + 1,
        },
    ).all()
    is_all = len(rows) <= MOST_CAUGHT_UP
    if not is_all:  # the last revision may go on
        rows = [row for row in rows if row.revision < rows[-1].revision]
    if rows and (is_all or index.delta_size < MOST_IN_MEMORY):
        changes = [Change(row.id, row.question_id, read_vector(row.vector)) for row in rows]
        index.apply(changes, revision=rows[-1].revision)
    if not is_all:
        raise TooFarBehind("More has changed than a look-up can take over.")
    return len(rows)


def read_vector(stored: bytes | None) -> np.ndarray[tuple[int], np.dtype[np.float32]] | None:
    """Read a stored vector; None for one that is gone."""
    return None if stored is None else np.frombuffer(stored, "<f4")


def _pointer(folder: Path) -> str | None:
    """Return the name of the current generation, which no other one will ever have."""
    try:
        return current_name(folder)
    except IndexUnavailable:
        return None


def _revision_in(pointer: str | None) -> int:
    """Return the revision of a generation, which its name says; 0 when it does not."""
    digits = (pointer or "").removeprefix("generation-").split("-")[0]
    return int(digits) if digits.isdecimal() else 0


def _private_bytes(place: _Place) -> int:
    return place.index.private_bytes if place.index is not None else 0
