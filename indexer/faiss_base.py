"""The saved vectors of one organization: read-only, memory-mapped, shared by processes.

    folder/current                     the name of the generation to open
    folder/generation-<revision>-<x>/  vectors.faiss, four columns, manifest.json

A generation is never changed after it was written. A new one is written beside it
and `current` is replaced in one step, so a kill leaves the old one whole. Positions
are ours: the id and the owner of row i stand in columns, which FAISS's own id map
would load into the memory of every process.
"""

import json
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing, SavingFailed
from indexer.files import crc32_of, flush_folder, folder_beside, write_durably

CURRENT = "current"
MANIFEST = "manifest.json"
VECTORS = "vectors.faiss"
COLUMNS = ("ids", "owners", "by_id", "by_owner")
FORMAT = 1
FEWEST_FOR_8_BITS = 1_000
"""Rows. Below, whole floats cost nothing and are exact."""

_REBUILT = "It is rebuilt from the database by `peerqa index rebuild`."

Vectors = NDArray[np.float32] | Sequence[NDArray[np.float32]]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Base:
    """An opened generation.

    Attributes:
        vectors: a FAISS index, inner product; row i belongs to ids[i] and owners[i].
        by_id, by_owner: the positions in order of id and of owner.
        revision: everything up to here is contained.
    """

    vectors: Any  # faiss ships no types
    ids: Ints
    owners: Ints
    by_id: Ints
    by_owner: Ints
    revision: int

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
        first = np.searchsorted(self.owners, owners, side="left", sorter=self.by_owner)
        last = np.searchsorted(self.owners, owners, side="right", sorter=self.by_owner)
        runs = [self.by_owner[a:b] for a, b in zip(first, last, strict=True)]
        return np.concatenate(runs) if runs else np.empty(0, np.int64)

    def search(
        self, query: NDArray[np.float32], count: int, *, allowed: NDArray[np.uint8] | None
    ) -> tuple[NDArray[np.float32], Ints]:
        """Return similarities, descending, and positions; fewer when there are fewer.

        Args:
            query: shape (dimension,).
            count: how many rows at most.
            allowed: bit i of byte i // 8, lowest first, says whether row i may be found.
        """
        if not self.count:
            return np.empty(0, np.float32), np.empty(0, np.int64)
        faiss.omp_set_num_threads(1)  # a setting of the calling thread, not of the process
        parameters = None
        if allowed is not None:
            # The stubs describe the C++ constructors; FAISS's Python ones take arrays and names.
            selector = faiss.IDSelectorBitmap(allowed)  # type: ignore[call-arg,arg-type]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        similarities, positions = self.vectors.search(
            query[np.newaxis, :], min(count, self.count), params=parameters
        )
        found = positions[0] >= 0  # FAISS pads a short result with -1
        return similarities[0][found], positions[0][found]

    def rows(self, positions: Ints) -> NDArray[np.float32]:
        """Return the vectors at the positions, as near as they were stored."""
        vectors: NDArray[np.float32] = self.vectors.reconstruct_batch(positions)
        return vectors


def empty_base(dimension: int) -> Base:
    """Return a base with nothing in it, at revision 0."""
    nothing = np.empty(0, np.int64)
    return Base(faiss.IndexFlatIP(dimension), nothing, nothing, nothing, nothing, revision=0)


def write_base(
    folder: Path,
    *,
    model: str,
    dimension: int,
    revision: int,
    ids: Sequence[int] | Ints,
    owners: Sequence[int] | Ints,
    vectors: Vectors,
) -> None:
    """Save a new generation and make it the current one.

    The generation before is kept, since another process may be opening it; older
    ones are removed. Row i of the vectors belongs to ids[i], which is unique, and to
    owners[i]; they are float32 of shape (n, dimension), or a sequence of such chunks
    that is gone through twice.

    Raises:
        ValueError: ids repeat, or the counts or the dimension do not agree.
        SavingFailed: the disk is full or refuses.
    """
    columns = _columns(ids, owners)
    chunks = [vectors] if isinstance(vectors, np.ndarray) else vectors
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with folder_beside(folder / "generation") as fresh:
            index = _index_of(chunks, dimension, count=len(columns["ids"]))
            faiss.write_index(index, str(fresh / VECTORS))
            for name, column in columns.items():
                np.save(fresh / f"{name}.npy", column, allow_pickle=False)
            _write_manifest(fresh, model, dimension, revision, count=len(columns["ids"]))
            flush_folder(fresh)
            _make_current(folder, fresh, name=f"generation-{revision}-{fresh.name[-8:]}")
    except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError when a write fails
        raise SavingFailed(
            f"The vectors could not be saved: {error}. Free disk space and check its permissions."
        ) from error


def open_base(folder: Path, *, model: str, dimension: int) -> Base:
    """Open the current generation, after comparing every file with its checksum.

    Raises:
        IndexMissing: nothing was saved.
        IndexDamaged: a file is absent, incomplete or altered.
        IndexMismatch: it was written for another model, dimension or format.
    """
    try:
        name = (folder / CURRENT).read_text("ascii").strip()
    except FileNotFoundError as error:
        raise IndexMissing(f"No vectors are saved here yet. {_REBUILT}") from error
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"The saved vectors cannot be found. {_REBUILT}") from error
    generation = folder / Path(name).name
    try:
        manifest = _read_manifest(generation)
        if (manifest["format"], manifest["model"], manifest["dimension"]) != (
            FORMAT,
            model,
            dimension,
        ):
            raise IndexMismatch(f"The saved vectors are of {manifest['model']}. {_REBUILT}")
        _compare_files(generation, manifest)
        return _open_generation(generation, manifest)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IndexDamaged(f"The saved vectors are incomplete or altered. {_REBUILT}") from error


def _columns(ids: Sequence[int] | Ints, owners: Sequence[int] | Ints) -> dict[str, Ints]:
    id_column, owner_column = np.asarray(ids, np.int64), np.asarray(owners, np.int64)
    if id_column.shape != owner_column.shape or len(np.unique(id_column)) != len(id_column):
        raise ValueError("each id is given once, and with one owner")
    return {
        "ids": id_column,
        "owners": owner_column,
        "by_id": np.argsort(id_column, kind="stable"),
        "by_owner": np.argsort(owner_column, kind="stable"),
    }


def _index_of(chunks: Sequence[NDArray[np.float32]], dimension: int, *, count: int) -> Any:
    """Return the FAISS index of all chunks.

    The 8-bit quantizer learns the range of each dimension and nothing else, so it is
    trained on the lowest and the highest values instead of on all rows at once.
    """
    ranges = _ranges(chunks, dimension, count=count)
    if count < FEWEST_FOR_8_BITS:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        index = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.train(ranges)
    for chunk in chunks:
        index.add(np.ascontiguousarray(chunk, np.float32))
    return index


def _ranges(
    chunks: Sequence[NDArray[np.float32]], dimension: int, *, count: int
) -> NDArray[np.float32]:
    """Return the lowest and the highest value of each dimension, in two rows.

    Raises:
        ValueError: a row has another dimension, or there are not `count` rows.
    """
    ranges = np.array([[np.inf], [-np.inf]], np.float32).repeat(dimension, axis=1)
    rows = 0
    for chunk in chunks:
        if chunk.shape[1:] != (dimension,):
            raise ValueError(f"the vectors must have {dimension} columns")
        lowest, highest = ranges
        np.minimum(lowest, chunk.min(axis=0, initial=np.inf), out=lowest)
        np.maximum(highest, chunk.max(axis=0, initial=-np.inf), out=highest)
        rows += len(chunk)
    if rows != count:
        raise ValueError("there must be a vector for each id")
    return ranges


def _write_manifest(fresh: Path, model: str, dimension: int, revision: int, *, count: int) -> None:
    manifest = {
        "format": FORMAT,
        "model": model,
        "dimension": dimension,
        "revision": revision,
        "count": count,
        "files": {
            path.name: {"bytes": path.stat().st_size, "crc32": crc32_of(path)}
            for path in sorted(fresh.iterdir())
        },
    }
    content = json.dumps(manifest, sort_keys=True)
    checked = json.dumps({"crc32": zlib.crc32(content.encode()), "content": content})
    (fresh / MANIFEST).write_text(checked, "utf-8")


def _read_manifest(generation: Path) -> dict[str, Any]:
    """Return the manifest, whose own checksum guards the revision in it."""
    checked = json.loads((generation / MANIFEST).read_text("utf-8"))
    if zlib.crc32(checked["content"].encode()) != checked["crc32"]:
        raise ValueError("the manifest was altered")
    manifest: dict[str, Any] = json.loads(checked["content"])
    return manifest


def _compare_files(generation: Path, manifest: dict[str, Any]) -> None:
    for name in (VECTORS, *(f"{column}.npy" for column in COLUMNS)):
        path, wanted = generation / name, manifest["files"][name]
        if path.stat().st_size != wanted["bytes"] or crc32_of(path) != wanted["crc32"]:
            raise ValueError(f"{name} was altered")


def _open_generation(generation: Path, manifest: dict[str, Any]) -> Base:
    """Map the files of a generation whose checksums agree."""
    if not manifest["count"]:  # nothing to map: an empty file cannot be
        return replace(empty_base(manifest["dimension"]), revision=manifest["revision"])
    columns = {name: np.load(generation / f"{name}.npy", mmap_mode="r") for name in COLUMNS}
    vectors = faiss.read_index(str(generation / VECTORS), faiss.IO_FLAG_MMAP_IFC)
    return Base(vectors=vectors, revision=manifest["revision"], **columns)


def _make_current(folder: Path, fresh: Path, *, name: str) -> None:
    """Name the generation, point to it, and remove those that nobody opens any more."""
    pointer = folder / CURRENT
    before = pointer.read_text("ascii", errors="replace").strip() if pointer.exists() else ""
    fresh.rename(folder / name)
    flush_folder(folder, deep=False)
    write_durably(pointer, f"{name}\n".encode())
    for generation in folder.glob("generation-*"):
        if generation.name not in (name, before):
            shutil.rmtree(generation, ignore_errors=True)
