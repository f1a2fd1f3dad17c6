"""The saved vectors of one organization, opened: read-only, memory-mapped, shared by processes.

Positions are ours: the id and the owner of row i stand in columns, which FAISS's own id map
would load into the memory of every process. Up to some 200,000 rows every row is compared, in
8 bits. A larger base is divided into lists: the nearest lists are looked through, and the best of
what they hold is compared once more with whole vectors, read from the disk.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexMismatch
from indexer.exact_rows import ExactRows
from indexer.generation import (
    COLUMNS,
    EXACT,
    FORMAT,
    REBUILT,
    VECTORS,
    Manifest,
    compare_files,
    read_current,
    read_manifest,
)

MORE_COMPARED = 32
"""Rows compared exactly beyond those asked for: 8 bits may have put a near one lower."""
MORE_LISTS = 4
"""Factor, as long as the lists looked through hold too few rows that may be found."""
FEW_OWNERS = 1_000
"""Looked up one by one; for more it is quicker to go through all rows once."""

Ints = NDArray[np.int64]
Bitmap = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Base:
    """An opened generation.

    Attributes:
        vectors: a FAISS index, inner product; row i belongs to ids[i] and owners[i].
        by_id, by_owner: the positions in order of id and of owner.
        revision: everything up to here is contained.
        erased: positions that hold no vector any more.
        erased_up_to: what changed up to this revision has left no vector behind.
    """

    vectors: Any  # faiss ships no types
    ids: Ints
    owners: Ints
    by_id: Ints
    by_owner: Ints
    revision: int
    erased: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    erased_up_to: int = 0

    @property
    def count(self) -> int:
        """Rows, dead ones included."""
        return len(self.ids)

    def positions_of_ids(self, ids: Ints) -> Ints:
        """Return where the ids are; those that are not here are left out."""
        places = np.searchsorted(self.ids, ids, sorter=self.by_id)
        places = places[places < self.count]
        positions = self.by_id[places]
        return positions[np.isin(self.ids[positions], ids)]

    def positions_of_owners(self, owners: Ints) -> Ints:
        """Return where the vectors of the owners are."""
        if len(owners) > FEW_OWNERS:
            return np.flatnonzero(np.isin(self.owners, owners))
        first = np.searchsorted(self.owners, owners, side="left", sorter=self.by_owner)
        last = np.searchsorted(self.owners, owners, side="right", sorter=self.by_owner)
        runs = [self.by_owner[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
        return np.concatenate(runs) if runs else np.empty(0, np.int64)

    def search(
        self, query: NDArray[np.float32], count: int, *, allowed: Bitmap | None
    ) -> tuple[NDArray[np.float32], Ints]:
        """Return similarities, descending, and positions; fewer when there are fewer.

        Args:
            query: shape (dimension,).
            count: how many rows at most.
            allowed: bit i of byte i // 8, lowest first, says whether row i may be found.
        """
        if not self.count:
            return np.empty(0, np.float32), np.empty(0, np.int64)
        parameters = None
        if allowed is not None:
            parameters = faiss.SearchParameters(sel=_selector(allowed))  # type: ignore[call-arg]
        return _found(self.vectors, query, min(count, self.count), parameters)

    def rows(self, positions: Ints) -> tuple[Ints, NDArray[np.float32]]:
        """Return those of the positions that can be read, and their vectors, as they are stored."""
        return positions, self.vectors.reconstruct_batch(positions)


@dataclass(frozen=True, slots=True)
class ListedBase(Base):
    """A generation whose rows are divided into lists.

    Attributes:
        lists: how many there are.
        probes: how many a search looks through.
        exact: the whole vectors.
    """

    lists: int = field(kw_only=True)
    probes: int = field(kw_only=True)
    exact: ExactRows = field(kw_only=True)

    def search(
        self, query: NDArray[np.float32], count: int, *, allowed: Bitmap | None
    ) -> tuple[NDArray[np.float32], Ints]:
        """Return as Base does; further lists make up for rows that may not be found."""
        probes, count = self.probes, min(count, self.count)
        wanted = min(count + MORE_COMPARED, self.count)
        selector = None if allowed is None else _selector(allowed)
        while True:
            parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
            similarities, positions = _found(self.vectors, query, wanted, parameters)
            if len(positions) >= count or probes >= self.lists:
                break
            probes = min(self.lists, MORE_LISTS * probes)
        vectors = self.exact.read(positions)
        if vectors is not None:
            similarities = np.einsum("ij,j->i", vectors, query)
        order = np.argsort(-similarities, kind="stable")[:count]
        return similarities[order], positions[order]

    def rows(self, positions: Ints) -> tuple[Ints, NDArray[np.float32]]:
        """Return as Base does; nothing when the file was cut short since it was opened."""
        vectors = self.exact.read(positions)
        if vectors is None:
            return positions[:0], np.empty((0, self.vectors.d), np.float32)
        return positions, vectors


def empty_base(dimension: int, *, revision: int = 0) -> Base:
    """Return a base with nothing in it."""
    nothing = np.empty(0, np.int64)
    index = faiss.IndexFlatIP(dimension)
    return Base(index, nothing, nothing, nothing, nothing, revision, erased_up_to=revision)


def open_base(folder: Path, *, model: str, dimension: int) -> Base:
    """Open the current generation, after comparing every file with its checksum.

    Raises:
        IndexMissing: nothing was saved.
        IndexDamaged: a file is absent, incomplete or altered.
        IndexMismatch: it was written for another model, dimension or format.
    """
    return read_current(
        folder, lambda generation: _open(generation, model=model, dimension=dimension)
    )


def _open(generation: Path, *, model: str, dimension: int) -> Base:
    manifest = read_manifest(generation)
    if (manifest.format, manifest.model, manifest.dimension) != (FORMAT, model, dimension):
        raise IndexMismatch(f"The saved vectors are of {manifest.model}. {REBUILT}")
    compare_files(generation, manifest)
    if not manifest.count:  # nothing to map: an empty file cannot be
        return empty_base(dimension, revision=manifest.revision)
    return _map(generation, manifest)


def _map(generation: Path, manifest: Manifest) -> Base:
    """Map the files of a generation whose checksums agree."""
    # plain arrays over the map: slices of a memmap are memmaps, and each takes microseconds
    ids, owners, by_id, by_owner = np.asarray(np.load(generation / COLUMNS, mmap_mode="r"))
    vectors = faiss.read_index(str(generation / VECTORS), faiss.IO_FLAG_MMAP_IFC)
    erased = np.array(manifest.erased, np.int64)
    columns = (vectors, ids, owners, by_id, by_owner, manifest.revision, erased)
    if not manifest.lists:
        return Base(*columns, manifest.erased_up_to)
    return ListedBase(
        *columns,
        manifest.erased_up_to,
        lists=manifest.lists,
        probes=manifest.probes,
        exact=ExactRows(generation / EXACT, manifest.dimension),
    )


def _selector(allowed: Bitmap) -> Any:
    # The stubs describe the C++ constructors; FAISS's Python ones take arrays and names.
    return faiss.IDSelectorBitmap(allowed)  # type: ignore[call-arg,arg-type]


def _found(
    vectors: Any, query: NDArray[np.float32], count: int, parameters: Any
) -> tuple[NDArray[np.float32], Ints]:
    faiss.omp_set_num_threads(1)  # a setting of the calling thread, not of the process
    similarities, positions = vectors.search(query[np.newaxis, :], count, params=parameters)
    found = positions[0] >= 0  # FAISS pads a short result with -1
    return similarities[0][found], positions[0][found]
