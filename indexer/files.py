"""Writing so that a kill at any moment leaves the old state or the new one.

Everything is written beside its place, flushed to the disk, and then renamed: a
reader sees one whole thing, never a half.
"""

import ctypes
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK_BYTES = 1 << 20
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`, among processes and threads.

    The lock goes with its holder, so a killed process blocks nobody.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def folder_beside(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside `folder` to write into, removed when left behind.

    Only one process at a time is in here for the same folder, so whatever another
    one left was left by a kill, and is swept first.
    """
    with locked(folder.with_name(f".{folder.name}.lock")):
        prefix = f".{folder.name}.new-"
        for left_behind in folder.parent.glob(f"{prefix}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
        try:
            fresh.chmod(0o755)
            yield fresh
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def put_in_place(fresh: Path, folder: Path) -> None:
    """Let `fresh` become `folder`; what was there before ends up at `fresh`."""
    flush_folder(fresh)
    if not folder.exists():
        fresh.rename(folder)
    elif not _exchange(fresh, folder):
        # Without an exchange in the kernel a kill between these two lines leaves no
        # folder: a missing model, which the next preparation mends.
        replaced = fresh.with_name(f"{fresh.name}-replaced")
        folder.rename(replaced)
        fresh.rename(folder)
        shutil.rmtree(replaced, ignore_errors=True)
    flush_folder(folder.parent, deep=False)


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file in one step; the content is on the disk before its name is."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    flush_folder(path.parent, deep=False)


def flush_folder(folder: Path, *, deep: bool = True) -> None:
    """Wait until the folder's entries, and its files when `deep`, are on the disk."""
    for path in [*(folder.iterdir() if deep else ()), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file in hex; for what comes from elsewhere."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def crc32_of(path: Path) -> int:
    """Return the CRC-32 of the file; fast, against accidents rather than malice."""
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step where the kernel can (Linux, renameat2)."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)
