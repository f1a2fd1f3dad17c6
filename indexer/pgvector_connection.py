"""Asking PostgreSQL for vectors: what goes wrong is told apart, and costs the caller nothing.

Everything takes a connection of psycopg's, in whatever transaction it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors

from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable, IndexUnsupported

Connection = psycopg.Connection[Any]  # Any: rows of each query's own
Cursor = psycopg.Cursor[Any]

OLDEST_VERSION = (0, 8)  # halfvec since 0.7, iterative scans since 0.8


@contextmanager
def guarded(connection: Connection) -> Iterator[Cursor]:
    """Give a cursor; what goes wrong costs the caller's transaction nothing.

    Raises:
        IndexMissing: there are no such tables.
        IndexUnsupported: the database knows no vectors.
        IndexUnavailable: the database does not answer.
        IndexDamaged: it refuses for any other reason.
    """
    try:
        with connection.transaction(), connection.cursor(binary=True) as cursor:
            yield cursor
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise IndexMissing("There are no tables of vectors yet.") from error
    except (errors.UndefinedObject, errors.UndefinedFunction) as error:
        raise IndexUnsupported(_UNSUPPORTED) from error
    except psycopg.OperationalError as error:
        raise IndexUnavailable(f"The vectors cannot be asked for: {_first_line(error)}.") from error
    except psycopg.Error as error:
        raise IndexDamaged(
            f"The table of vectors is damaged: {_first_line(error)}. It is made anew by itself, "
            "or by: peerqa index rebuild"
        ) from error


_UNSUPPORTED = (
    "PEERQA_VECTORS is pgvector, and the database has no extension “vector” of version 0.8 or "
    "newer. Install pgvector on the database server, then as its superuser, in this database: "
    "CREATE EXTENSION vector. Or set PEERQA_VECTORS to faiss."
)


def require_extension(connection: Connection) -> str:
    """Return the version of pgvector in this database, installed now when that is allowed.

    Raises:
        IndexUnsupported: it is not there, or too old.
        IndexUnavailable: the database does not answer.
    """
    version = find_extension(connection)
    if version is None:
        try:
            with connection.transaction():
                connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        except psycopg.errors.UniqueViolation:
            pass  # another process did so at the same moment
        except psycopg.DatabaseError as error:
            raise IndexUnsupported(_UNSUPPORTED) from error
        version = find_extension(connection)
    if version is None or _read_version(version) < OLDEST_VERSION:
        raise IndexUnsupported(_UNSUPPORTED)
    return version


def find_extension(connection: Connection) -> str | None:
    """Return the version of pgvector in this database, or None."""
    with guarded(connection) as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        row = cursor.fetchone()
    return None if row is None else str(row[0])


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def _read_version(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
