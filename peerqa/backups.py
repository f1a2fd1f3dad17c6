"""A backup: one .tar.gz that holds the database, the instance key, and a list of the two.

SQLite is copied by VACUUM INTO, in one read transaction: writers go on meanwhile and the copy is of
one instant. (Copying page by page begins anew at each write, and under load never ends.) The key
comes along, since what is sealed with it opens with no other. The search index and the model do
not: they are made anew. PostgreSQL is dumped by its own pg_dump, which knows its versions and
passwords; then the file holds the key alone, and says so.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from sqlalchemy import Engine

from peerqa.database import engine_options
from peerqa.errors import N_, PeerQAError
from peerqa.secrets import InstanceKey
from peerqa.settings import Settings

FORMAT = 1
LIST, DATABASE, KEY = "backup.json", "peerqa.db", "instance.key"
LONGEST_LIST_BYTES = 100_000
LONGEST_KEY_BYTES = 10_000
PIECE_BYTES = 1 << 20


class BackupFailed(PeerQAError):
    """The backup was not written; nothing is left of it."""

    code = "backup-failed"


class NoBackup(PeerQAError):
    """The file is none, or not whole."""

    code = "no-backup"


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself."""

    made_at: str
    version: str  # of PeerQA
    revision: str | None  # of the database; None where it is not in the file
    key_check: str  # tells whether a key is the one; tells nothing about it
    sums: dict[str, str]  # SHA-256 by name
    format: int = FORMAT

    @property
    def has_database(self) -> bool:
        """Whether the database is in it."""
        return DATABASE in self.sums

    @property
    def has_key(self) -> bool:
        """Whether the key is in it; not when it came from a setting."""
        return KEY in self.sums


def check_of(key: InstanceKey) -> str:
    """Return what tells this key from others."""
    return key.digest("backup-check")[:32]


def write_backup(
    path: Path, *, settings: Settings, engine: Engine, key: InstanceKey, at: datetime
) -> Contents:
    """Write the backup; it is there whole, readable by its owner alone, or not at all.

    Raises:
        BackupFailed: the file exists, or there is no room, or nothing that could be saved.
    """
    if path.exists():
        raise BackupFailed(N_("%(file)s is there already. Give another name."), file=path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".peerqa-backup-") as name:
            folder = Path(name)
            contents = _collect(folder, settings=settings, engine=engine, key=key, at=at)
            _pack(folder, contents, path)
    except OSError as error:
        raise BackupFailed(
            N_("%(file)s cannot be written: %(reason)s."), file=path, reason=error.strerror
        ) from None
    return contents


def _collect(
    folder: Path, *, settings: Settings, engine: Engine, key: InstanceKey, at: datetime
) -> Contents:
    """Put copies of all that is saved into the folder."""
    revision = None
    if engine.dialect.name == "sqlite":
        _copy_database(engine, folder / DATABASE)
        revision = examine(folder / DATABASE)
    if settings.secret_key is None:
        (folder / KEY).write_bytes((settings.home / KEY).read_bytes())
    sums = {file.name: _sum(file) for file in sorted(folder.iterdir())}
    if not sums:
        raise BackupFailed(
            N_("There is nothing to put into a file: dump PostgreSQL with pg_dump, and keep "
               "PEERQA_SECRET_KEY.")
        )  # fmt: skip
    return Contents(at.isoformat(), version("peerqa"), revision, check_of(key), sums)


def _copy_database(engine: Engine, copy: Path) -> None:
    driver = sqlite_module()
    with closing(engine.raw_connection()) as connection:
        try:
            connection.driver_connection.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[union-attr]  # a live one
        except driver.Error as error:
            raise BackupFailed(
                N_("The database cannot be copied: %(reason)s."), reason=error
            ) from None


def examine(database: Path) -> str:
    """Return the schema revision of a database file that is whole.

    Raises:
        NoBackup: it is damaged, or none of PeerQA's.
    """
    driver = sqlite_module()
    try:
        with closing(driver.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as opened:
            found = [row[0] for row in opened.execute("PRAGMA integrity_check")]
            dangling = opened.execute("PRAGMA foreign_key_check").fetchone()
            (revision,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except (driver.Error, TypeError):
        found, dangling, revision = [], None, ""
    if found != ["ok"] or dangling is not None:
        raise NoBackup(N_("The database in the backup is damaged, or is not PeerQA's."))
    return str(revision)


def _pack(folder: Path, contents: Contents, path: Path) -> None:
    made = folder / "backup.tar.gz"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            listed = json.dumps(asdict(contents), indent=2).encode()
            archive.addfile(_entry(LIST, len(listed)), io.BytesIO(listed))
            for name in contents.sums:
                with (folder / name).open("rb") as source:
                    archive.addfile(_entry(name, (folder / name).stat().st_size), source)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
    sync_folder(path.parent)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


@contextmanager
def unpacked(path: Path, *, beside: Path) -> Iterator[tuple[Path, Contents]]:
    """Unpack a backup into a folder that goes again; all sums are compared.

    Args:
        beside: the folder that what is wanted is moved to; on the same file system.

    Raises:
        NoBackup: it is none, or not whole.
    """
    with tempfile.TemporaryDirectory(dir=beside, prefix=".peerqa-restore-") as name:
        folder = Path(name)
        yield folder, _unpack(path, folder)


def _unpack(path: Path, folder: Path) -> Contents:
    refusal = NoBackup(N_("%(file)s is no backup of PeerQA, or is damaged."), file=path)
    try:
        with tarfile.open(path, "r:gz") as archive:
            for entry in archive:
                if entry.name not in {LIST, DATABASE, KEY} or not entry.isfile():
                    raise refusal
                source = archive.extractfile(entry)
                assert source is not None
                _write(folder / entry.name, source, limit=_limit_of(entry.name))
        contents = Contents(**json.loads((folder / LIST).read_bytes()))
        there = {file.name: _sum(file) for file in folder.iterdir() if file.name != LIST}
    except FileNotFoundError:
        if not path.exists():
            raise NoBackup(N_("There is no file %(file)s."), file=path) from None
        raise refusal from None
    except (
        tarfile.TarError, EOFError, zlib.error, ValueError, TypeError, OSError, RecursionError,
    ):  # fmt: skip
        raise refusal from None
    if contents.format != FORMAT or contents.sums != there:
        raise refusal
    return contents


def _limit_of(name: str) -> int | None:
    return {LIST: LONGEST_LIST_BYTES, KEY: LONGEST_KEY_BYTES}.get(name)


def _write(path: Path, source: IO[bytes], *, limit: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    written = 0
    with os.fdopen(descriptor, "wb") as file:
        while piece := source.read(PIECE_BYTES):
            written += len(piece)
            if limit is not None and written > limit:
                raise ValueError(f"{path.name} is too long")
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_sqlite(database: Path) -> Any:  # Any: of sqlite3 or pysqlite3
    """Open a database file beside the app; it is not waited for long."""
    return sqlite_module().connect(str(database), timeout=1, isolation_level=None)


def sqlite_module() -> ModuleType:
    """Return the SQLite that databases are opened with."""
    found = engine_options("sqlite://", threads=1).get("module", sqlite3)
    assert isinstance(found, ModuleType)
    return found
