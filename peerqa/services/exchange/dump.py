"""The files of a Stack Exchange dump: in a folder, a .zip or a .7z.

Archives are strangers. Their tables of contents are read through a file that gives little at a
time, so that no table can be huge; what they say they hold is refused before anything is unpacked
when it is far more than text can shrink to; nothing is ever written under a name from an archive.
A .zip is read as a stream. A .7z has no streams: its files are unpacked into the given folder.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import py7zr
from py7zr import archiveinfo
from py7zr.exceptions import ArchiveError, PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from peerqa.errors import N_
from peerqa.services.exchange.broken import BrokenSource, TooLarge

FILES = ("Posts.xml", "Users.xml", "Comments.xml", "Votes.xml", "PostLinks.xml")
MOST_UNPACKED_BYTES = 64 << 30  # the largest file of all dumps has about 100 GB, the next ones 10
MOST_SHRINKING = 100  # text shrinks to a tenth at best
SMALL_BYTES = 64 << 20  # below this any shrinking will do
MOST_READ_BYTES = 1 << 18  # at once, also of a table of contents: a dump has eight files

archiveinfo.MAX_HEADER_SIZE = MOST_READ_BYTES  # of an unpacked table; the library takes 256 MB


class Dump:
    """The files of a dump, opened by their names."""

    def __init__(
        self, path: Path, files: Mapping[str, Callable[[], AbstractContextManager[BinaryIO]]]
    ) -> None:
        self._path = path
        self._files = files

    def has(self, name: str) -> bool:
        """Whether this file is in the dump."""
        return name in self._files

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading from its beginning.

        Raises:
            BrokenSource: it cannot be read, also later while it is being read.
        """
        with _refusing(self._path, _READ_DAMAGE), self._files[name]() as stream:
            yield stream


@contextmanager
def open_dump(path: Path, folder: Path) -> Iterator[Dump]:
    """Open a dump.

    Args:
        folder: for what has to be unpacked.

    Raises:
        BrokenSource: there is no dump at this path.
        TooLarge: it is an archive made to exhaust the machine.
    """
    with _refusing(path, _OPEN_DAMAGE):
        if path.is_dir():
            dump = _in_folder(path)
        elif not path.exists():
            raise BrokenSource(N_("%(path)s does not exist."), path=path)
        elif path.suffix.lower() == ".zip":
            dump = _in_zip(path)
        elif path.suffix.lower() == ".7z":
            dump = _in_7z(path, folder)
        else:
            raise BrokenSource(N_("%(path)s is neither a folder nor a .zip or .7z."), path=path)
    if not dump.has("Posts.xml"):
        raise BrokenSource(N_("%(path)s has no Posts.xml."), path=path)
    yield dump


def _in_folder(path: Path) -> Dump:
    present = [name for name in FILES if (path / name).is_file()]
    return Dump(path, {name: _opener(path / name) for name in present})


def _in_zip(path: Path) -> Dump:
    with zipfile.ZipFile(cast(BinaryIO, _SmallReads(path))) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if any(entry.flag_bits & 1 for entry in entries):
        raise BrokenSource(_LOCKED, path=path)
    names = _choose(path, {entry.filename: entry.file_size for entry in entries})
    return Dump(path, {name: partial(_stream, path, inner) for name, inner in names})


@contextmanager
def _stream(path: Path, inner: str) -> Iterator[BinaryIO]:
    with (
        zipfile.ZipFile(cast(BinaryIO, _SmallReads(path))) as archive,
        archive.open(inner) as stream,
    ):
        yield cast(BinaryIO, stream)


def _in_7z(path: Path, folder: Path) -> Dump:
    with py7zr.SevenZipFile(_SmallReads(path)) as archive:
        sizes = {
            entry.filename: entry.uncompressed for entry in archive.files if not entry.is_directory
        }
        names = _choose(path, sizes)
        writers = _Writers({inner: folder / name for name, inner in names})
        archive.extract(targets=[inner for _, inner in names], factory=writers)
    return Dump(path, {name: _opener(folder / name) for name, _ in names})


def _choose(path: Path, sizes: Mapping[str, int]) -> Sequence[tuple[str, str]]:
    """Find the dump's files among an archive's, wherever they lie in it.

    Returns:
        The name that we know, and the name in the archive.

    Raises:
        TooLarge: there is far more inside than text can shrink to.
        BrokenSource: a name leads out of the archive, or is there twice.
    """
    total, packed = sum(sizes.values()), path.stat().st_size
    if total > MOST_UNPACKED_BYTES or (total > SMALL_BYTES and total > packed * MOST_SHRINKING):
        raise TooLarge(
            N_("%(path)s has %(packed)s bytes and says it holds %(total)s: no text shrinks so."),
            path=path, packed=packed, total=total,
        )  # fmt: skip
    known = {name.lower(): name for name in FILES}
    found: dict[str, str] = {}
    for inner in sizes:
        if inner.startswith("/") or ".." in PurePosixPath(inner.replace("\\", "/")).parts:
            raise BrokenSource(
                N_("%(path)s holds a file whose name leads out of it: %(name)s"),
                path=path, name=inner[:200],
            )  # fmt: skip
        name = known.get(PurePosixPath(inner).name.lower())
        if name is not None and found.setdefault(name, inner) != inner:
            raise BrokenSource(N_("%(path)s holds %(name)s twice."), path=path, name=name)
    return list(found.items())


def _opener(path: Path) -> Callable[[], AbstractContextManager[BinaryIO]]:
    return lambda: path.open("rb")


@contextmanager
def _refusing(path: Path, damage: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn what file systems and archives raise into a sentence with the path."""
    try:
        yield
    except PermissionError:
        raise BrokenSource(N_("%(path)s may not be read by this user."), path=path) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise BrokenSource(
            N_("%(path)s cannot be read: %(reason)s."), path=path, reason=reason
        ) from None
    except PasswordRequired:
        raise BrokenSource(_LOCKED, path=path) from None
    except damage:
        raise BrokenSource(
            N_("%(path)s is damaged, or not the archive that its name says."), path=path
        ) from None


_LOCKED = N_("%(path)s is locked with a password.")

# What the archive libraries raise on damage: while a member is read, and while a table is.
_READ_DAMAGE = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError)
_OPEN_DAMAGE = (
    *_READ_DAMAGE, ArchiveError, RuntimeError, ValueError, TypeError, IndexError, KeyError,
    AssertionError, MemoryError,
)  # fmt: skip


class _SmallReads(io.FileIO):
    """A file that gives at most MOST_READ_BYTES at once, whatever it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        asked = MOST_READ_BYTES if size is None or size < 0 else min(size, MOST_READ_BYTES)
        return super().read(asked) or b""


class _Writers(WriterFactory):
    """Gives the files of a .7z the places that we chose."""

    def __init__(self, places: Mapping[str, Path]) -> None:
        self._places = {PurePosixPath(inner): place for inner, place in places.items()}

    def create(self, filename: str) -> "_Writer":
        """Make the file for what the archive calls this; py7zr may have made the name absolute."""
        asked = PurePosixPath(filename)
        for inner, place in self._places.items():
            if asked == inner or asked.parts[-len(inner.parts) :] == inner.parts:
                return _Writer(place)
        raise ValueError(filename)


class _Writer(Py7zIO):
    """A file on disk, as py7zr wants to write it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, s: bytes | bytearray) -> int:
        return self._file.write(s)

    def read(self, size: int | None = None) -> bytes:  # noqa: ARG002
        raise io.UnsupportedOperation

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def flush(self) -> None:
        self._file.flush()

    def size(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
