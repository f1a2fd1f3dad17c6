"""Vectors in half precision on disk, of which a search reads the few that it compares exactly.

They are read, not mapped: so they cost the process no memory beyond those few, and a file that was
cut short is an answer that is missing instead of the end of the process.
"""

import os
import weakref
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EXACT_TYPE = np.dtype("<f2")


class ExactRows:
    """The rows of one generation, by position; the file stays open for as long as this lives."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._dimension = dimension
        self._row_bytes = dimension * EXACT_TYPE.itemsize
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)

    def read(self, positions: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Return the vectors at the positions, or None when one cannot be read."""
        rows = np.empty((len(positions), self._dimension), EXACT_TYPE)
        for row in np.argsort(positions).tolist():  # neighbours on disk come in one go
            start = int(positions[row]) * self._row_bytes
            try:
                if os.preadv(self._file, [rows[row].data], start) != self._row_bytes:
                    return None
            except OSError:
                return None
        return rows.astype(np.float32)
