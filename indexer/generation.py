"""A generation on disk: which files it has, how damage to them is noticed, which is current.

    folder/current                     the name of the generation to open
    folder/generation-<revision>-<x>/  vectors.faiss, columns.npy, manifest.json, exact.f16

A generation is never changed after it was written. A new one is written beside it and
`current` is replaced in one step, so a kill leaves the old one whole. The old one goes at once:
who has it open keeps it, who was about to open it looks at `current` again, and nothing that was
erased lives on in it.
"""

import json
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from indexer.errors import IndexDamaged, IndexMissing
from indexer.files import crc32_of, flush_folder, write_durably

CURRENT = "current"
MANIFEST = "manifest.json"
VECTORS = "vectors.faiss"
COLUMNS = "columns.npy"
EXACT = "exact.f16"
"""Only where the vectors are in lists."""
FORMAT = 2
REBUILT = "It is rebuilt from the database by `peerqa index rebuild`."
UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError)
"""What reading a damaged file may raise; FAISS raises RuntimeError."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is.

    Attributes:
        revision: every change up to here is contained.
        count: rows, erased ones included.
        lists: that the rows are divided into; 0 when they are not.
        probes: lists that a search looks through.
        erased: positions whose vectors were overwritten after it was first written.
        erased_up_to: what changed up to this revision has left no vector behind.
        files: name to size and checksum.
    """

    format: int
    model: str
    dimension: int
    revision: int
    count: int
    lists: int
    probes: int
    erased: Sequence[int]
    erased_up_to: int
    files: Mapping[str, Mapping[str, int]]


def current_name(folder: Path) -> str:
    """Return the name of the current generation.

    Raises:
        IndexMissing: nothing was saved.
        IndexDamaged: the pointer cannot be read.
    """
    try:
        return Path((folder / CURRENT).read_text("ascii").strip()).name
    except FileNotFoundError as error:
        raise IndexMissing(f"No vectors are saved here yet. {REBUILT}") from error
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"The saved vectors cannot be found. {REBUILT}") from error


def read_current(folder: Path, read: Callable[[Path], Read]) -> Read:
    """Return what `read` makes of the current generation; again, should it be replaced meanwhile.

    Raises:
        IndexMissing: nothing was saved.
        IndexDamaged: it cannot be read.
    """
    while True:
        name = current_name(folder)
        try:
            with noticing_damage():
                return read(folder / name)
        except IndexDamaged:
            if current_name(folder) == name:
                raise


@contextmanager
def noticing_damage() -> Iterator[None]:
    """Turn what reading a damaged file raises into IndexDamaged."""
    try:
        yield
    except UNREADABLE as error:
        raise IndexDamaged(f"The saved vectors are incomplete or altered. {REBUILT}") from error


def read_manifest(generation: Path) -> Manifest:
    """Return the manifest, whose own checksum guards what is in it.

    Raises:
        OSError, ValueError, KeyError, TypeError: it is absent, altered, or of another format.
    """
    checked = json.loads((generation / MANIFEST).read_text("utf-8"))
    if zlib.crc32(checked["content"].encode()) != checked["crc32"]:
        raise ValueError("the manifest was altered")
    return Manifest(**json.loads(checked["content"]))


def write_manifest(fresh: Path, manifest: Manifest) -> None:
    """Write the manifest with the checksums of all that is in the folder."""
    content = json.dumps(asdict(manifest) | {"files": _checksums(fresh)}, sort_keys=True)
    checked = json.dumps({"crc32": zlib.crc32(content.encode()), "content": content})
    (fresh / MANIFEST).write_text(checked, "utf-8")


def compare_files(generation: Path, manifest: Manifest) -> None:
    """Compare every file with its checksum; 1 GB takes about a second.

    Raises:
        ValueError: one was altered.
        OSError, KeyError: one is absent.
    """
    for name in (VECTORS, COLUMNS, *([EXACT] if manifest.lists else [])):
        path, wanted = generation / name, manifest.files[name]
        if path.stat().st_size != wanted["bytes"] or crc32_of(path) != wanted["crc32"]:
            raise ValueError(f"{name} was altered")


def make_current(folder: Path, fresh: Path, *, revision: int) -> None:
    """Name the generation, point to it, and remove all others."""
    name = f"generation-{revision}-{fresh.name[-8:]}"
    for path in fresh.iterdir():
        path.chmod(0o444)  # a mapped file that is cut short ends the process that reads it
    flush_folder(fresh)
    fresh.rename(folder / name)
    flush_folder(folder, deep=False)
    write_durably(folder / CURRENT, f"{name}\n".encode())
    remove_others(folder, name)


def remove_others(folder: Path, name: str) -> None:
    """Remove every generation but this one."""
    for generation in folder.glob("generation-*"):
        if generation.name != name:
            shutil.rmtree(generation, ignore_errors=True)


def _checksums(fresh: Path) -> dict[str, dict[str, int]]:
    return {
        path.name: {"bytes": path.stat().st_size, "crc32": crc32_of(path)}
        for path in sorted(fresh.iterdir())
    }
