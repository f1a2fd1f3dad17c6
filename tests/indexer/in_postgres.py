"""Rows and tables of pgvector in a database of their own, without the product."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest
from sqlalchemy import make_url

from indexer.pgvector_connection import Connection
from indexer.pgvector_index import PgvectorIndex
from indexer.pgvector_tables import Place, Tables, find_base
from tests.indexer.test_faiss_index import unit_vectors
from tests.postgres import drop_database, postgres_url

TABLES = Tables()
HERE = Place(1, "words@1", 32)
COUNT = 400
VECTORS = unit_vectors(COUNT, dimension=32)
ROWS = (
    "DROP TABLE IF EXISTS embedding; CREATE TABLE embedding (id integer PRIMARY KEY,"
    " organization_id integer, model text, question_id integer, revision integer, vector bytea)"
)


def connect(url: str, **more: object) -> Connection:
    """Connect as a process of its own would, each statement committed."""
    address = make_url(url)
    return psycopg.connect(
        dbname=address.database, host=address.query["host"], autocommit=True,
        **{"user": "postgres", **more},
    )  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    url = postgres_url()
    yield url
    drop_database(url)


@pytest.fixture
def connection(address: str) -> Iterator[Connection]:
    """A connection to a database with empty rows, and no table of vectors yet."""
    with connect(address) as opened:
        begin_again(opened)
        yield opened


@pytest.fixture
def rows(connection):
    """Four hundred rows, of a hundred questions, in four revisions."""
    for revision in range(1, 5):
        ids = range((revision - 1) * 100, revision * 100)
        write_rows(connection, HERE, [(n, n // 4, VECTORS[n]) for n in ids], revision=revision)
    return connection


def begin_again(connection: Connection) -> None:
    connection.execute("DROP SCHEMA IF EXISTS peerqa_vectors CASCADE")
    connection.execute(ROWS)


def write_rows(connection: Connection, place: Place, rows, *, revision: int) -> None:
    """Write (id, owner, vector) as the product's worker would; a vector of None is a tombstone."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO embedding VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE"
            " SET question_id = excluded.question_id, revision = excluded.revision,"
            " vector = excluded.vector",
            [
                (
                    int(row), place.organization_id, place.model, int(owner), revision,
                    None if vector is None else np.asarray(vector, "<f4").tobytes(),
                )
                for row, owner, vector in rows
            ],
        )  # fmt: skip


def opened(connection: Connection, place: Place) -> PgvectorIndex:
    return PgvectorIndex.open(connection, TABLES, place)


def base_of(connection: Connection, place: Place):
    with connection.cursor() as cursor:
        return find_base(cursor, TABLES, place)


def stored_ids(connection: Connection, place: Place) -> set[int]:
    """Return what stands in the current table, whatever a look-up makes of it."""
    base = base_of(connection, place)
    return {row[0] for row in connection.execute(f"SELECT id FROM peerqa_vectors.base_{base.id}")}
