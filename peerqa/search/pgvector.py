"""Vectors in PostgreSQL, for installations on several hosts: every process finds the same.

A look-up asks with its own connection, inside a savepoint: whatever is amiss with the vectors, its
other questions are answered, and it goes by words. Processes hold nothing, so there is nothing to
catch up with: what a worker committed is found by the next look-up of any process.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.orm import Session

from indexer.errors import IndexUnavailable
from indexer.pgvector_connection import Connection, require_extension
from indexer.pgvector_index import PgvectorIndex
from indexer.pgvector_tables import Place, Tables
from indexer.ports import Encoder
from peerqa.database import db

log = structlog.get_logger()


class PgvectorIndexes:
    """One index a look-up."""

    def __init__(self, tables: Tables | None = None) -> None:
        self.tables = tables or Tables()
        self._problems: dict[tuple[int, str], str] = {}
        self._is_used = False
        self._lock = threading.Lock()

    def find(
        self, session: Session, organization_id: int, encoder: Encoder
    ) -> PgvectorIndex | None:
        """Return the index, equal to the database; None when it is not ready yet."""
        self._is_used = True
        try:
            index = self.open(session, organization_id, encoder)
        except IndexUnavailable as error:
            self._note(organization_id, encoder, str(error))
            return None
        self._note(organization_id, encoder, None)
        return index

    def open(self, session: Session, organization_id: int, encoder: Encoder) -> PgvectorIndex:
        """Return the index.

        Raises:
            IndexUnavailable: with what is amiss.
        """
        return PgvectorIndex.open(
            connection_of(session), self.tables, place_of(organization_id, encoder)
        )

    def state(self) -> str:
        """Return unused, ready, or what is amiss with one of them."""
        with self._lock:
            problems = list(self._problems.values())
        return problems[0] if problems else "ready" if self._is_used else "unused"

    def _note(self, organization_id: int, encoder: Encoder, problem: str | None) -> None:
        key = (organization_id, encoder.model)
        if self._problems.get(key) == problem:
            return
        with self._lock:
            if problem is None:
                self._problems.pop(key, None)
                return
            self._problems[key] = problem
        log.warning("index.unusable", organization=organization_id, reason=problem)


def place_of(organization_id: int, encoder: Encoder) -> Place:
    """Return whose vectors of which model are meant."""
    return Place(organization_id, encoder.model, encoder.dimension)


def connection_of(session: Session) -> Connection:
    """Return the session's connection as psycopg knows it."""
    connection: Connection = session.connection().connection.driver_connection  # type: ignore[assignment]  # the dialect's
    return connection


@contextmanager
def own_connection() -> Iterator[Connection]:
    """Give a connection that commits each statement by itself, for what lasts minutes."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
        connection: Connection = opened.connection.driver_connection  # type: ignore[assignment]  # the dialect's
        try:
            yield connection
        finally:
            if not connection.closed:  # it goes back into the pool
                connection.execute("SELECT pg_advisory_unlock_all()")


def require_vectors() -> str:
    """Return the version of pgvector in the database.

    Raises:
        IndexUnsupported: a sentence that says what to do.
    """
    with own_connection() as connection:
        return require_extension(connection)
