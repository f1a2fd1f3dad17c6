"""The vectors of one organization, searched: a saved base plus what came after it.

One index an organization: a filter inside a shared approximate index was measured
to lose most of a small tenant's hits. The base is read-only and mapped; changes are
followed in memory, by revision, until a worker saves a new base. What is gone is
left out at once by a bitmap, leaves memory with the next change, and the disk when the
worker erases it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from indexer.delta import Delta, Rows
from indexer.errors import IndexMismatch
from indexer.faiss_base import Base, Bitmap, empty_base, open_base
from indexer.nearest import Gathered, Neighbour, best_of_each, inner_products
from indexer.saving import write_base

__all__ = ["Change", "Gathered", "Neighbour", "OrganizationIndex", "write_base"]

FETCH_FACTOR = 4
"""Rows asked for per owner wanted: a question has two vectors and its answers'."""
FEWEST_FETCHED = 32


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one vector.

    Attributes:
        id: of the vector's database row.
        owner: the question that a hit is counted for.
        vector: float32, shape (dimension,), length 1; None when it is gone.
    """

    id: int
    owner: int
    vector: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class _State:
    """One moment of the index; readers take it once and never see half a change."""

    revision: int
    alive: NDArray[np.bool_]
    delta: Rows
    allowed: Bitmap | None
    size: int

    @property
    def dead_count(self) -> int:
        return len(self.alive) + len(self.delta.alive) - self.size


class OrganizationIndex:
    """Follows the database by revision; many readers, one writer at a time."""

    beside: ClassVar[bool] = True

    def __init__(self, base: Base, *, model: str, dimension: int) -> None:
        self.model = model
        self.dimension = dimension
        self._base = base
        self._delta = Delta(dimension)
        self._changing = Lock()
        alive = np.ones(base.count, np.bool_)
        alive[base.erased] = False
        self._state = self._moment(alive, base.revision)

    @classmethod
    def empty(cls, *, model: str, dimension: int) -> "OrganizationIndex":
        """Return an index with nothing in it, at revision 0."""
        return cls(empty_base(dimension), model=model, dimension=dimension)

    @classmethod
    def open(cls, folder: Path, *, model: str, dimension: int) -> "OrganizationIndex":
        """Open what `write_base` saved, after comparing its checksums.

        Raises:
            IndexMissing: nothing was saved.
            IndexDamaged: a file is absent, incomplete or altered.
            IndexMismatch: it was saved for another model or dimension.
        """
        base = open_base(folder, model=model, dimension=dimension)
        return cls(base, model=model, dimension=dimension)

    @property
    def revision(self) -> int:
        """Every change up to here is contained."""
        return self._state.revision

    @property
    def size(self) -> int:
        """Vectors that can be found."""
        return self._state.size

    @property
    def delta_size(self) -> int:
        """Vectors that can be found and are not in the base."""
        return int(self._state.delta.alive.sum())

    @property
    def dead_count(self) -> int:
        """Vectors that are gone and still take room, until the next base."""
        return self._state.dead_count

    @property
    def private_bytes(self) -> int:
        """Memory that this process does not share with others."""
        return self._delta.bytes + len(self._state.alive)

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all vectors that can be found, ascending."""
        state = self._state
        found = [self._base.ids[state.alive], state.delta.ids[state.delta.alive]]
        return np.sort(np.concatenate(found))

    def apply(self, changes: Sequence[Change], *, revision: int) -> None:
        """Take over every change up to `revision`; twice is once.

        Two threads may follow the database at the same time: when the index is
        already further, these changes are contained and older than what is here.

        Raises:
            IndexMismatch: a vector does not have the index's dimension; nothing changed.
        """
        for change in changes:
            if change.vector is not None and change.vector.shape != (self.dimension,):
                raise IndexMismatch(
                    f"A vector of shape {change.vector.shape} does not belong into an index of "
                    f"{self.dimension} dimensions. Encode it with {self.model}."
                )
        with self._changing:
            if revision < self._state.revision:
                return
            alive = self._state.alive.copy()
            changed = np.array([change.id for change in changes], np.int64)
            alive[self._base.positions_of_ids(changed)] = False
            for change in changes:
                if change.vector is None:
                    self._delta.remove(change.id)
                else:
                    self._delta.put(change.id, change.owner, change.vector)
            self._delta.forget_dead()
            self._state = self._moment(alive, revision)

    def search(
        self, query: NDArray[np.float32], *, k: int, exclude: Collection[int] | None = None
    ) -> list[Neighbour]:
        """Return the k nearest questions, each once, by its nearest vector.

        Args:
            query: float32, shape (dimension,), length 1.
            k: at least 1; fewer are returned only when there are fewer.
            exclude: questions to leave out.

        Returns:
            Descending similarity; ties by smaller owner.
        """
        state = self._state
        left_out = _as_ints(exclude or ())
        allowed = self._allowed(state, left_out)
        late = state.delta.alive & ~np.isin(state.delta.owners, left_out)
        late_owners = state.delta.owners[late]
        late_similarities = inner_products(state.delta.vectors, query)[late]
        fetch = max(FEWEST_FETCHED, FETCH_FACTOR * k)
        while True:
            similarities, positions = self._base.search(query, fetch, allowed=allowed)
            rows = _highest(late_similarities, fetch)
            nearest = best_of_each(
                np.concatenate([self._base.owners[positions], late_owners[rows]]),
                np.concatenate([similarities, late_similarities[rows]]),
                count=k,
            )
            # What was not fetched is no nearer than the last row fetched, and may be as near.
            fetched = (similarities, late_similarities[rows])
            unknown = [float(part[-1]) for part in fetched if len(part) == fetch]
            is_certain = len(nearest) == k and nearest[-1].similarity > max(unknown, default=-2.0)
            if is_certain or not unknown:
                return nearest
            fetch *= FETCH_FACTOR

    def gather(self, owners: Iterable[int]) -> "Gathered":
        """Return all vectors of the questions, to compare when the query is there."""
        state = self._state
        wanted = np.unique(_as_ints(owners))
        positions = self._base.positions_of_owners(wanted)
        positions, vectors = self._base.rows(positions[state.alive[positions]])
        late = state.delta.alive & np.isin(state.delta.owners, wanted)
        return Gathered(
            np.concatenate([self._base.owners[positions], state.delta.owners[late]]),
            np.concatenate([vectors, state.delta.vectors[late]]),
        )

    def similarities(self, query: NDArray[np.float32], owners: Iterable[int]) -> dict[int, float]:
        """Return the best similarity of each of the questions that has a vector.

        For candidates that came by their words: they get the cosine that `search`
        would have given them.
        """
        return self.gather(owners).similarities(query)

    def _moment(self, alive: NDArray[np.bool_], revision: int) -> _State:
        delta = self._delta.rows()
        return _State(
            revision=revision,
            alive=alive,
            delta=delta,
            allowed=None if alive.all() else _packed(alive),
            size=int(alive.sum() + delta.alive.sum()),
        )

    def _allowed(self, state: _State, left_out: NDArray[np.int64]) -> Bitmap | None:
        positions = self._base.positions_of_owners(left_out)
        if not len(positions):
            return state.allowed
        alive = state.alive.copy()
        alive[positions] = False
        return _packed(alive)


def _highest(similarities: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the rows of the highest similarities, descending, without sorting the rest."""
    rows = np.arange(len(similarities))
    if len(rows) > count:
        rows = np.argpartition(-similarities, count)[:count]
    highest: NDArray[np.int64] = rows[np.argsort(-similarities[rows])]
    return highest


def _as_ints(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(numbers, np.int64)


def _packed(alive: NDArray[np.bool_]) -> Bitmap:
    return np.packbits(alive, bitorder="little")
