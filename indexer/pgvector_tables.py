"""Where pgvector keeps vectors: a table for each organization and model, in a schema of their own.

The rows that PeerQA calls embeddings are the truth; these tables are a cache of them, and the whole
schema may be dropped at any time. A table holds half-precision vectors: half of the pages to go
through, and what is found is compared once more with the rows themselves, in full precision.

A register says which table is the current one, and up to which revision of the rows it holds
everything. A table is in nobody's way while it is filled: it becomes the current one when it is
whole, in one transaction. Whoever changes a table waits for its turn, by an advisory lock that the
server frees when a process dies.

Everything here takes a connection of psycopg's, in whatever transaction it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from psycopg import errors, sql

from indexer.errors import IndexUnsupported
from indexer.pgvector_connection import Connection, Cursor, guarded, require_extension

_TURN, _BUILDING, _REGISTER = 0x50510001, 0x50510002, 0x50510003  # classes of advisory locks
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_WIDEST_INLINE = 3_500  # dimensions of a half-precision vector that fits on a page


@dataclass(frozen=True)
class Tables:
    """The names of things.

    Attributes:
        schema: of the cache, nothing else is in it.
        rows: the table of the truth, with its columns id, organization_id, model, question_id,
            revision and vector: float32, little endian; NULL when it is gone.
    """

    schema: str = "peerqa_vectors"
    rows: str = "embedding"

    @property
    def register(self) -> sql.Identifier:
        """The table of tables."""
        return sql.Identifier(self.schema, "base")

    @property
    def truth(self) -> sql.Identifier:
        """The table that is cached."""
        return sql.Identifier(*self.rows.split("."))

    def base(self, base_id: int) -> sql.Identifier:
        """One of the tables."""
        return sql.Identifier(self.schema, f"base_{base_id}")


@dataclass(frozen=True)
class Place:
    """Whose vectors they are, of which model."""

    organization_id: int
    model: str
    dimension: int

    @property
    def scope(self) -> dict[str, object]:
        """What the queries ask for."""
        return {"organization": self.organization_id, "model": self.model}

    @property
    def lock_key(self) -> int:
        """A number of its own; should two have the same, they wait for each other."""
        return crc32(f"{self.organization_id} {self.model}".encode()) - (1 << 31)


@dataclass(frozen=True)
class Base:
    """A table, as the register knows it.

    Attributes:
        revision: every change up to here is contained.
        width: rows that a look-up keeps in view of its HNSW graph; 0: there is none, and a
            look-up goes through all rows.
    """

    id: int
    dimension: int
    revision: int
    width: int = 0


@dataclass(frozen=True)
class LateRow:
    """A row that changed after the base."""

    id: int
    owner: int
    vector: NDArray[np.float32] | None
    revision: int


def make_register(connection: Connection, tables: Tables) -> None:
    """Make schema and register where they are missing.

    Raises:
        IndexUnsupported: the database knows no vectors, or this account may make no schema in it.
    """
    with guarded(connection) as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [f"{tables.schema}.base"])
        if cursor.fetchone() == (False,):
            return
    require_extension(connection)
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTER])
            # Reading the catalog shows what was committed during the wait. IF NOT EXISTS does not:
            # it believes what this connection last knew of a schema, and then violates a key.
            known = connection.execute(
                "SELECT FROM pg_namespace WHERE nspname = %s", [tables.schema]
            ).fetchone()
            if known is None:
                connection.execute(
                    sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(tables.schema))
                )
            connection.execute(_REGISTER_TABLE.format(tables.register))
            connection.execute(_ONE_CURRENT.format(tables.register))
    except errors.InsufficientPrivilege as error:
        raise IndexUnsupported(
            "PEERQA_VECTORS is pgvector, and the database account may make no schema. As the "
            f"owner of the database: CREATE SCHEMA {tables.schema} AUTHORIZATION its name."
        ) from error


_REGISTER_TABLE = sql.SQL(
    "CREATE TABLE IF NOT EXISTS {} ("
    " id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " organization_id integer NOT NULL, model text NOT NULL, dimension integer NOT NULL,"
    " revision integer NOT NULL, width integer NOT NULL DEFAULT 0,"
    " state text NOT NULL CHECK (state IN ('filling', 'current', 'replaced')),"
    " changed_at timestamptz NOT NULL DEFAULT now())"
)
_ONE_CURRENT = sql.SQL(
    "CREATE UNIQUE INDEX IF NOT EXISTS one_current ON {} (organization_id, model)"
    " WHERE state = 'current'"
)


def wait_for_turn(cursor: Cursor, place: Place) -> None:
    """Wait until nobody else changes the current table of this place; until the transaction ends.

    What is asked afterwards is what they have left.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, place.lock_key])


def try_to_build(connection: Connection, place: Place) -> bool:
    """Take the right to build for this place, until the connection ends or gives it back."""
    with guarded(connection) as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_BUILDING, place.lock_key])
        row = cursor.fetchone()
    return row == (True,)


def end_building(connection: Connection, place: Place) -> None:
    """Give the right to build back."""
    with guarded(connection) as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_BUILDING, place.lock_key])


def list_places(cursor: Cursor, tables: Tables, *, behind: bool = False) -> list[Place]:
    """Return the places that have a current table.

    Args:
        behind: only those with changes that are not taken over yet.
    """
    late = sql.SQL(
        " AND EXISTS (SELECT 1 FROM {} AS truth WHERE truth.organization_id = base.organization_id"
        " AND truth.model = base.model AND truth.revision > base.revision)"
    ).format(tables.truth)
    cursor.execute(
        sql.SQL(
            "SELECT organization_id, model, dimension FROM {} AS base"
            " WHERE state = 'current'{} ORDER BY id"
        ).format(tables.register, late if behind else sql.SQL(""))
    )
    return [Place(*row) for row in cursor]


def find_base(cursor: Cursor, tables: Tables, place: Place) -> Base | None:
    """Return the current table of a place."""
    cursor.execute(_CURRENT.format(tables.register), place.scope)
    row = cursor.fetchone()
    return None if row is None else Base(*row)


_CURRENT = sql.SQL(
    "SELECT id, dimension, revision, width FROM {}"
    " WHERE organization_id = %(organization)s AND model = %(model)s AND state = 'current'"
)


def make_base(
    cursor: Cursor, tables: Tables, place: Place, *, state: str, revision: int = 0
) -> Base:
    """Make an empty table, without the indexes that only slow its filling down."""
    cursor.execute(
        sql.SQL(
            "INSERT INTO {} (organization_id, model, dimension, revision, state)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id"
        ).format(tables.register),
        [place.organization_id, place.model, place.dimension, revision, state],
    )
    (base_id,) = cursor.fetchone()  # type: ignore[misc]  # RETURNING gives one
    name = tables.base(base_id)
    cursor.execute(
        sql.SQL("CREATE TABLE {} (id integer, owner integer, vector halfvec({}))").format(
            name, sql.Literal(place.dimension)
        )
    )
    if place.dimension <= _WIDEST_INLINE:  # elsewhere than in its row it would be slow to read
        cursor.execute(sql.SQL("ALTER TABLE {} ALTER vector SET STORAGE PLAIN").format(name))
    return Base(base_id, place.dimension, revision)


def index_ids(cursor: Cursor, tables: Tables, base: Base) -> None:
    """Let rows be found by their id, and no id stand there twice."""
    cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(tables.base(base.id)))


def copy_rows(
    cursor: Cursor,
    tables: Tables,
    base: Base,
    ids: Sequence[int],
    owners: Sequence[int],
    vectors: NDArray[np.float32],
) -> None:
    """Append rows.

    Args:
        vectors: float32, shape (len(ids), base.dimension).
    """
    if not len(ids):
        return
    statement = sql.SQL("COPY {} (id, owner, vector) FROM STDIN (FORMAT BINARY)")
    with cursor.copy(statement.format(tables.base(base.id))) as copy:
        copy.write(_COPY_HEADER + _as_copied(ids, owners, vectors) + _COPY_END)


def _as_copied(ids: Sequence[int], owners: Sequence[int], vectors: NDArray[np.float32]) -> bytes:
    """Write rows as COPY reads them.

    Source: PostgreSQL's manual on COPY, "Binary Format"; pgvector's halfvec_recv, which reads
    the dimension, a zero, and the elements, each in two bytes.
    """
    dimension = vectors.shape[1]
    row = np.dtype(
        [
            ("fields", ">i2"), ("id_bytes", ">i4"), ("id", ">i4"),
            ("owner_bytes", ">i4"), ("owner", ">i4"), ("vector_bytes", ">i4"),
            ("dimension", ">i2"), ("zero", ">i2"), ("vector", ">f2", (dimension,)),
        ]
    )  # fmt: skip
    rows = np.zeros(len(ids), row)
    rows["fields"], rows["id_bytes"], rows["owner_bytes"] = 3, 4, 4
    rows["vector_bytes"], rows["dimension"] = 4 + 2 * dimension, dimension
    rows["id"], rows["owner"], rows["vector"] = ids, owners, vectors
    return rows.tobytes()


def read_late(
    cursor: Cursor, tables: Tables, place: Place, *, since: int, most: int
) -> list[LateRow]:
    """Return rows that changed after a revision, in the order of their revisions.

    Returns:
        At most `most`.
    """
    cursor.execute(
        sql.SQL(
            "SELECT id, question_id, vector, revision FROM {}"
            " WHERE organization_id = %(organization)s AND model = %(model)s"
            " AND revision > %(since)s ORDER BY revision LIMIT %(most)s"
        ).format(tables.truth),
        place.scope | {"since": since, "most": most},
    )
    return [
        LateRow(row_id, owner, read_row(stored, place.dimension), revision)
        for row_id, owner, stored, revision in cursor
    ]


def read_row(stored: bytes | None, dimension: int) -> NDArray[np.float32] | None:
    """Return a vector; None for one that is gone, and for one of another length."""
    if stored is None or len(stored) != 4 * dimension:
        return None
    return np.frombuffer(stored, "<f4")
