"""The two ends of a copy: a SQLite that nobody else is in, and a PostgreSQL that is empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from peerqa import backups, schema
from peerqa.database import IN_TIME, Base
from peerqa.errors import N_, Conflict, PeerQAError


class BadDatabase(PeerQAError):
    """It cannot be copied from, or to."""

    code = "bad-database"


class TargetNotEmpty(Conflict):
    """There is data already."""

    code = "target-not-empty"


class SourceInUse(Conflict):
    """PeerQA is running on it."""

    code = "source-in-use"


@contextmanager
def opened_source(path: Path) -> Iterator[Connection]:
    """Open a database file so that nobody else can.

    Raises:
        BadDatabase: it is none, damaged, or of another version.
        SourceInUse: PeerQA is running on it.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise BadDatabase(N_("There is no database %(file)s."), file=path)
    engine = create_engine(
        f"sqlite:///{path}", module=backups.sqlite_module(), poolclass=NullPool,
        connect_args={"timeout": 1},
    )  # fmt: skip
    event.listen(engine, "connect", _open_alone)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        try:
            present = schema.revision_within(connection)
            is_whole = connection.scalar(text("PRAGMA quick_check")) == "ok"
        except DBAPIError as error:
            if "locked" in str(error.orig):
                raise SourceInUse(
                    N_("PeerQA is running on this database. Stop it first.")
                ) from None
            raise BadDatabase(
                N_("%(file)s cannot be read: %(reason)s."), file=path, reason=error.orig
            ) from None
        if not is_whole:
            raise BadDatabase(N_("%(file)s is damaged. Restore a backup first."), file=path)
        if present != schema.head_revision():
            raise BadDatabase(
                N_("%(file)s is at revision %(present)s, this version needs %(head)s. Make a "
                   "backup, then: peerqa migrate"),
                file=path, present=present, head=schema.head_revision(),
            )  # fmt: skip
        yield connection


def _open_alone(connection: Any, _record: object) -> None:  # Any: sqlite3's or pysqlite3's
    connection.isolation_level = None
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")


@contextmanager
def opened_target(address: str) -> Iterator[Connection]:
    """Open a PostgreSQL, in one transaction.

    Raises:
        BadDatabase: it is none, or does not answer.
    """
    scheme, _, rest = address.partition("://")
    if scheme.partition("+")[0] != "postgresql":
        raise BadDatabase(N_("The target must be a PostgreSQL: postgresql://user@host/name."))
    try:
        url = make_url(f"postgresql+psycopg://{rest}")
        connection = create_engine(url, poolclass=NullPool, connect_args=IN_TIME).connect()
    except (ArgumentError, ValueError):  # a port that is no number
        raise BadDatabase(N_("The address of the target cannot be read.")) from None
    except DBAPIError as error:
        raise BadDatabase(
            N_("The target does not answer: %(reason)s."), reason=reason_of(error)
        ) from None
    with connection:
        connection.execute(text("SET LOCAL timezone = 'UTC'"))
        yield connection


def reason_of(error: Exception) -> str:
    """Return what a database said, on one line."""
    return str(getattr(error, "orig", error)).strip().replace("\n", ", ").rstrip(".")


def prepare(target: Connection) -> None:
    """Give the target its tables, or see that they are of this version and empty.

    Raises:
        BadDatabase: they are of another version.
        TargetNotEmpty: there is data, or somebody else's tables.
    """
    schema.queue(target)  # a service that starts on it meanwhile waits, and finds all of it
    tables = inspect(target).get_table_names()
    if not tables:
        schema.migrate_within(target)
        return
    present = schema.revision_within(target)
    if present is None:
        raise TargetNotEmpty(N_("The target has tables that are not PeerQA's. Take an empty one."))
    if present != schema.head_revision():
        raise BadDatabase(
            N_("The target is at revision %(present)s, this version needs %(head)s. Take an empty "
               "database."),
            present=present, head=schema.head_revision(),
        )  # fmt: skip
    for table in Base.metadata.sorted_tables:
        if target.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise TargetNotEmpty(
                N_("There is data in the target already (%(table)s). Take an empty database."),
                table=table.name,
            )
