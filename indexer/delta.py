"""Vectors that came after the base, in memory.

Rows are never changed where they stand, so what a reader was given stays true while a
writer goes on: the writer only fills rows that no reader was told of, hands out a fresh
copy of which rows are alive, and moves to new arrays to grow or to forget.
"""

from dataclasses import dataclass
from typing import Any

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

    @property
    def bytes(self) -> int:
        """Memory that the rows take, unused ones included."""
        return sum(each.nbytes for each in (self._ids, self._owners, self._vectors, self._alive))

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

    def forget_dead(self) -> None:
        """Leave no dead row behind in memory, once readers are done with what they have."""
        alive = np.flatnonzero(self._alive[: self._count])
        if len(alive) == self._count:
            return
        room = max(_FIRST_CAPACITY, 1 << (len(alive) - 1).bit_length() if len(alive) else 0)
        self._ids = _moved(self._ids, alive, room)
        self._owners = _moved(self._owners, alive, room)
        self._vectors = _moved(self._vectors, alive, room)
        self._alive = _moved(self._alive, alive, room)
        self._count = len(alive)
        self._row_of = {int(identity): row for row, identity in enumerate(self._ids[: self._count])}

    def _grow(self) -> None:
        """Double the room in new arrays: readers keep the old ones."""
        self._ids = np.concatenate([self._ids, np.empty_like(self._ids)])
        self._owners = np.concatenate([self._owners, np.empty_like(self._owners)])
        self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
        self._alive = np.concatenate([self._alive, np.zeros_like(self._alive)])


def _moved(column: NDArray[Any], rows: Ints, room: int) -> NDArray[Any]:  # of any type
    """Return these rows in a new array with room for so many."""
    moved = np.zeros((room, *column.shape[1:]), column.dtype)
    moved[: len(rows)] = column[rows]
    return moved
