"""Saves the vectors of one organization as a new generation, and erases single ones from it.

Vectors pass by in chunks, twice. What stays in memory is 400 bytes a vector, up to 800 while the
lists grow, the sample to train on (100 MB at most) and one chunk.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexUnavailable, SavingFailed
from indexer.exact_rows import EXACT_TYPE
from indexer.files import folder_beside
from indexer.generation import (
    COLUMNS,
    EXACT,
    FORMAT,
    UNREADABLE,
    VECTORS,
    Manifest,
    compare_files,
    current_name,
    make_current,
    noticing_damage,
    read_current,
    read_manifest,
    remove_others,
    write_manifest,
)
from indexer.lists import Layout, Yardstick, divided_index, sample_positions

FEWEST_FOR_8_BITS = 1_000
"""Rows. Below, whole floats cost nothing and are exact."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Vectors = Floats | Sequence[Floats]


def write_base(
    folder: Path,
    *,
    model: str,
    dimension: int,
    revision: int,
    ids: Sequence[int] | Ints,
    owners: Sequence[int] | Ints,
    vectors: Vectors,
    layout: Layout | None = None,
) -> None:
    """Save a new generation, make it the current one and remove the others.

    Row i of the vectors belongs to ids[i], which is unique, and to owners[i]; they are float32 of
    shape (n, dimension), or a sequence of such chunks that is gone through twice.

    Raises:
        ValueError: ids repeat, or the counts or the dimension do not agree.
        SavingFailed: the disk is full or refuses.
    """
    columns = _columns(ids, owners)
    count = columns.shape[1]
    chunks = [vectors] if isinstance(vectors, np.ndarray) else vectors
    lists = (layout or Layout()).lists(count, is_divided=_is_divided(folder))
    with _writing(folder) as fresh:
        ranges, sample = _survey(chunks, dimension, count=count, lists=lists)
        if lists:
            index, probes = _write_lists(fresh, chunks, ranges, sample, lists)
            probes = (layout or Layout()).probes or probes
        else:
            index, probes = _undivided(chunks, ranges, count=count), 0
        faiss.write_index(index, str(fresh / VECTORS))
        np.save(fresh / COLUMNS, columns, allow_pickle=False)
        manifest = Manifest(
            FORMAT, model, dimension, revision, count, index.nlist if lists else 0, probes,
            erased=[], erased_up_to=revision, files={},
        )  # fmt: skip
        del index
        write_manifest(fresh, manifest)
        make_current(folder, fresh, revision=revision)


def erase_from_base(folder: Path, ids: Sequence[int] | Ints, *, revision: int) -> int:
    """Write the current generation anew with nothing in the place of these vectors.

    Nothing is trained or measured anew, so it takes seconds where saving takes minutes.

    Args:
        folder: of the base.
        ids: of vectors; those that it does not have are passed over.
        revision: up to which the ids say all that changed.

    Returns:
        How many vectors were erased.

    Raises:
        IndexUnavailable: there is no base, or a damaged one.
        SavingFailed: the disk is full or refuses.
    """
    _current(folder)  # there is one
    with _writing(folder) as fresh:
        generation, manifest = _current(folder)
        positions = _positions_of(generation, manifest, ids)
        if not len(positions):
            return 0
        with noticing_damage():
            compare_files(generation, manifest)
        _copy_without(generation, fresh, manifest, positions)
        erased = sorted({*manifest.erased, *positions.tolist()})
        write_manifest(fresh, replace(manifest, erased=erased, erased_up_to=revision))
        make_current(folder, fresh, revision=manifest.revision)
    return len(positions)


def erased_up_to(folder: Path) -> int:
    """Return up to which revision the current generation holds nothing that is gone.

    Raises:
        IndexUnavailable: there is no base, or a damaged one.
    """
    return _current(folder)[1].erased_up_to


def sweep(folder: Path) -> None:
    """Remove what a kill left behind: generations that are not current, and halves of new ones."""
    try:
        name = current_name(folder)
    except IndexUnavailable:
        return  # the next one that is saved sweeps
    others = [each for each in folder.glob("generation-*") if each.name != name]
    if others or any(folder.glob(".generation.new-*")):
        with folder_beside(folder / "generation"):
            remove_others(folder, current_name(folder))


@contextmanager
def _writing(folder: Path) -> Iterator[Path]:
    """Give a fresh folder to write a generation into; one process at a time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with folder_beside(folder / "generation") as fresh:
            yield fresh
    except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError when a write fails
        raise SavingFailed(
            f"The vectors could not be saved: {error}. Free disk space and check its permissions."
        ) from error


def _is_divided(folder: Path) -> bool:
    try:
        return read_manifest(folder / current_name(folder)).lists > 0
    except (IndexUnavailable, *UNREADABLE):
        return False


def _current(folder: Path) -> tuple[Path, Manifest]:
    return read_current(folder, lambda generation: (generation, _manifest_of(generation)))


def _manifest_of(generation: Path) -> Manifest:
    manifest = read_manifest(generation)
    if manifest.format != FORMAT:
        raise ValueError("it is of another format")
    return manifest


def _columns(ids: Sequence[int] | Ints, owners: Sequence[int] | Ints) -> Ints:
    """Return ids, owners, and the positions in order of either, in four rows."""
    id_column, owner_column = np.asarray(ids, np.int64), np.asarray(owners, np.int64)
    if id_column.shape != owner_column.shape or len(np.unique(id_column)) != len(id_column):
        raise ValueError("each id is given once, and with one owner")
    by_id, by_owner = (np.argsort(each, kind="stable") for each in (id_column, owner_column))
    return np.stack([id_column, owner_column, by_id, by_owner])


def _survey(
    chunks: Sequence[Floats], dimension: int, *, count: int, lists: int
) -> tuple[Floats, Floats]:
    """Return the lowest and the highest value of each dimension, in two rows; and the sample.

    Raises:
        ValueError: a row has another dimension, or there are not `count` rows.
    """
    ranges = np.array([[np.inf], [-np.inf]], np.float32).repeat(dimension, axis=1)
    chosen = sample_positions(count, lists)
    sample = np.empty((len(chosen), dimension), np.float32)
    start = 0
    for chunk in chunks:
        if chunk.shape[1:] != (dimension,):
            raise ValueError(f"the vectors must have {dimension} columns")
        lowest, highest = ranges
        np.minimum(lowest, chunk.min(axis=0, initial=np.inf), out=lowest)
        np.maximum(highest, chunk.max(axis=0, initial=-np.inf), out=highest)
        here = slice(*np.searchsorted(chosen, (start, start + len(chunk))))
        sample[here] = chunk[chosen[here] - start]
        start += len(chunk)
    if start != count:
        raise ValueError("there must be a vector for each id")
    return ranges, sample


def _undivided(chunks: Sequence[Floats], ranges: Floats, *, count: int) -> Any:
    """Return the FAISS index of all chunks.

    The 8-bit quantizer learns the range of each dimension and nothing else, so it is
    trained on the lowest and the highest values instead of on all rows at once.
    """
    dimension = ranges.shape[1]
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


def _write_lists(
    fresh: Path, chunks: Sequence[Floats], ranges: Floats, sample: Floats, lists: int
) -> tuple[Any, int]:
    """Write the whole vectors; return the divided index, and how many lists to look through."""
    index = divided_index(sample, ranges, lists)
    yardstick = Yardstick(sample)
    with (fresh / EXACT).open("wb") as file:
        for chunk in chunks:
            rows = np.ascontiguousarray(chunk, np.float32)
            yardstick.pass_by(rows, index.ntotal)
            index.add(rows)
            file.write(rows.astype(EXACT_TYPE).tobytes())
    return index, yardstick.fewest_probes(index, index.nlist)


def _positions_of(generation: Path, manifest: Manifest, ids: Sequence[int] | Ints) -> Ints:
    """Return where these ids still have a vector."""
    if not manifest.count:
        return np.empty(0, np.int64)
    with noticing_damage():
        id_column = np.load(generation / COLUMNS, mmap_mode="r")[0]
    positions = np.flatnonzero(np.isin(id_column, ids))
    return positions[~np.isin(positions, manifest.erased)]


def _copy_without(generation: Path, fresh: Path, manifest: Manifest, positions: Ints) -> None:
    """Copy the files of a generation with nothing at the positions."""
    shutil.copyfile(generation / COLUMNS, fresh / COLUMNS)
    index: Any = faiss.read_index(str(generation / VECTORS))
    if manifest.lists:
        index.remove_ids(faiss.IDSelectorBatch(positions))
        shutil.copyfile(generation / EXACT, fresh / EXACT)
        row_bytes = manifest.dimension * EXACT_TYPE.itemsize
        with (fresh / EXACT).open("r+b") as file:
            for position in positions.tolist():
                file.seek(position * row_bytes)
                file.write(bytes(row_bytes))
    else:
        codes = faiss.rev_swig_ptr(index.codes.data(), index.codes.size())
        codes.reshape(manifest.count, -1)[positions] = 0
    faiss.write_index(index, str(fresh / VECTORS))
