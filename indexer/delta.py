"""Vectors that came after the base, in memory, append-only.

Rows are never moved and never changed, so what a reader was given stays true while
a writer goes on: the writer only fills rows that no reader was told of, and hands
out a fresh copy of which rows are alive.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_FIRST_CAPACITY = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """What a reader sees: equally long arrays, one entry a row.

    Attributes:
        alive: false for what was replaced or is gone.
    """

    ids: Ints
    owners: Ints
    vectors: NDArray[np.float32]
    alive: NDArray[np.bool_]


class Delta:
    """The rows themselves; one writer at a time."""

    def __init__(self, dimension: int) -> None:
        self._count = 0
        self._row_of: dict[int, int] = {}
        self._ids = np.empty(_FIRST_CAPACITY, np.int64)
        self._owners = np.empty(_FIRST_CAPACITY, np.int64)
        self._vectors = np.empty((_FIRST_CAPACITY, dimension), np.float32)
        self._alive = np.zeros(_FIRST_CAPACITY, np.bool_)

    def put(self, identity: int, owner: int, vector: NDArray[np.float32]) -> None:
        """Add a vector, in place of the one that the same id had."""
        row = self._row_of.get(identity)
        if (
            row is not None
            and self._owners[row] == owner
            and np.array_equal(self._vectors[row], vector)
        ):
            return
        self.remove(identity)
        if self._count == len(self._ids):
            self._grow()
        row = self._count
        self._ids[row], self._owners[row], self._vectors[row] = identity, owner, vector
        self._alive[row] = True
        self._row_of[identity] = row
        self._count += 1

    def remove(self, identity: int) -> None:
        """Mark the row of the id as gone, when there is one."""
        row = self._row_of.pop(identity, None)
        if row is not None:
            self._alive[row] = False

    def rows(self) -> Rows:
        """Return what is here now; later changes do not show in it."""
        count = self._count
        return Rows(
            self._ids[:count],
            self._owners[:count],
            self._vectors[:count],
            self._alive[:count].copy(),
        )

    def _grow(self) -> None:
        """Double the room in new arrays: readers keep the old ones."""
        self._ids = np.concatenate([self._ids, np.empty_like(self._ids)])
        self._owners = np.concatenate([self._owners, np.empty_like(self._owners)])
        self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
        self._alive = np.concatenate([self._alive, np.zeros_like(self._alive)])
