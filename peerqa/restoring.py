"""Bringing a backup back: all of it is examined before anything here is touched.

What was there is moved aside, never deleted; the index goes, since it is a cache of the database
that goes. A database that a running PeerQA has open is not replaced.
"""

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from peerqa import backups, schema
from peerqa.backups import DATABASE, KEY, Contents
from peerqa.errors import N_, Conflict, PeerQAError
from peerqa.secrets import InstanceKey
from peerqa.settings import Settings


class NotEmpty(Conflict):
    """There is data already."""

    code = "not-empty"


class InUse(Conflict):
    """PeerQA is running on the database."""

    code = "in-use"


class Unfit(PeerQAError):
    """The backup is whole, but not for this installation as it is."""

    code = "unfit"


@dataclass(frozen=True)
class Restored:
    """What was brought back."""

    contents: Contents
    moved_aside: list[Path]
    needs_migration: bool


def restore(path: Path, *, settings: Settings, replaces: bool, at: datetime) -> Restored:
    """Bring back what a backup holds.

    Args:
        replaces: data that is there is moved aside; else it is refused.

    Raises:
        NoBackup: the file is none, or not whole.
        Unfit: of a newer version, with another key, or for another kind of database.
        NotEmpty: there is data, and it was not said to replace it.
        InUse: PeerQA is running.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with backups.unpacked(path, beside=settings.home) as (folder, contents):
        is_older = _examine(folder, contents, settings)
        _check_key(folder, contents, settings)
        target = _target(settings) if contents.has_database else None
        if not replaces and _has_data(target, folder, contents, settings):
            raise NotEmpty(
                N_("There is data in %(home)s already. With --replace it is moved aside."),
                home=settings.home,
            )
        if target is not None:
            _close(target)
        moved = _put_in_place(folder, target, settings, at=at)
    return Restored(contents, moved, needs_migration=is_older)


def _examine(folder: Path, contents: Contents, settings: Settings) -> bool:
    """Return whether the database is of an older version."""
    if not contents.has_database:
        return False
    if not settings.database_address.startswith("sqlite"):
        raise Unfit(N_("The backup is of SQLite; PEERQA_DATABASE_URL names another database."))
    revision = backups.examine(folder / DATABASE)
    if revision not in schema.known_revisions():
        raise Unfit(
            N_("The backup was made by a newer PeerQA (%(version)s). Install that one first."),
            version=contents.version,
        )
    return revision != schema.head_revision()


def _check_key(folder: Path, contents: Contents, settings: Settings) -> None:
    """Refuse a key with which nothing that is sealed would open again."""
    if settings.secret_key is not None:
        found = InstanceKey(settings.secret_key.get_secret_value().encode())
    elif contents.has_key:
        found = InstanceKey((folder / KEY).read_bytes().strip())
    else:
        raise Unfit(
            N_("The backup was made with PEERQA_SECRET_KEY set. Set it here to the same value.")
        )
    if backups.check_of(found) != contents.key_check:
        raise Unfit(N_("PEERQA_SECRET_KEY is not the key that the backup was made with."))


def _target(settings: Settings) -> Path:
    return Path(str(make_url(settings.database_address).database))


def _has_data(target: Path | None, folder: Path, contents: Contents, settings: Settings) -> bool:
    if target is None:
        key = settings.home / KEY
        return key.exists() and contents.has_key and not _is_same_file(key, folder / KEY)
    if not target.exists() or target.stat().st_size == 0:
        return False
    with closing(backups.open_sqlite(target)) as opened:
        try:
            return opened.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
        except backups.sqlite_module().Error:
            return True  # damaged, perhaps the reason for all this: it is not thrown away


def _is_same_file(one: Path, other: Path) -> bool:
    return one.read_bytes().strip() == other.read_bytes().strip()


def _close(database: Path) -> None:
    """Bring the write-ahead log into the database; who has it open keeps that from happening."""
    if not database.exists():
        return
    driver = backups.sqlite_module()
    with closing(backups.open_sqlite(database)) as opened:
        try:
            opened.execute("PRAGMA journal_mode=DELETE").fetchone()
        except driver.OperationalError as error:
            if "locked" in str(error):
                raise InUse(N_("PeerQA is running on this database. Stop it first.")) from None
        except driver.DatabaseError:
            pass  # damaged; it is moved aside with its log


def _put_in_place(
    folder: Path, target: Path | None, settings: Settings, *, at: datetime
) -> list[Path]:
    """Move what is there aside, then the restored beside it; returns what was moved."""
    moved: list[Path] = []
    stamp = f"before-{at:%Y%m%d-%H%M%S}"
    if (folder / KEY).exists() and settings.secret_key is None:
        moved += _replace(settings.home / KEY, folder / KEY, stamp)
    if target is not None:
        for ending in ("-wal", "-shm"):  # of another database, a log would ruin this one
            log = target.with_name(target.name + ending)
            if log.exists():
                moved.append(log.rename(log.with_name(f"{target.name}.{stamp}{ending}")))
        moved += _replace(target, folder / DATABASE, stamp)
        shutil.rmtree(settings.index_dir, ignore_errors=True)
    return moved


def _replace(place: Path, source: Path, stamp: str) -> list[Path]:
    place.parent.mkdir(parents=True, exist_ok=True)
    moved = [place.rename(place.with_name(f"{place.name}.{stamp}"))] if place.exists() else []
    shutil.move(source, place)
    backups.sync_folder(place.parent)
    return moved
