"""The vectors of one organization, searched in PostgreSQL: the current table plus what came after.

It is made for one look-up, takes the connection of whoever looks, and holds nothing of its own. A
small table is gone through row by row; a large one by an HNSW graph, which goes on (iterative scan)
until enough are found that are not left out, and when it ends too early, row by row after all. What
is near is compared once more with the rows of the truth, in full precision: so a vector that is
gone or was edited is never found by what it was, whatever the table says.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from indexer.errors import IndexMismatch, IndexMissing, TooFarBehind
from indexer.nearest import Gathered, Neighbour, best_of_each, inner_products
from indexer.pgvector_connection import Connection, guarded
from indexer.pgvector_tables import (
    Base,
    LateRow,
    Place,
    Tables,
    find_base,
    read_late,
)

MOST_LATE = 5_000  # changes that a look-up compares by itself, 8 MB
FETCH_FACTOR, FEWEST_FETCHED = 4, 32  # rows asked for per question wanted, as in faiss_index
WIDEST = 1_000  # rows in view of a graph that pgvector takes
MOST_PASSED = 20_000  # rows of the graph looked at for one look-up; more are quicker row by row
ROUNDING = 1e-3
"""How much nearer a row may be than its half-precision vector and that of the query say."""


@dataclass(frozen=True)
class _Fetched:
    """Rows that came back.

    Attributes:
        farthest: similarity of the last of those asked for, by their half-precision vectors.
        count: of rows, with those that the truth has no vector for any more.
    """

    owners: NDArray[np.int64]
    vectors: NDArray[np.float32]
    farthest: float
    count: int


class PgvectorIndex:
    """One look-up's view of the vectors of an organization."""

    beside: ClassVar[bool] = False  # it asks by the connection of the look-up

    def __init__(
        self,
        connection: Connection,
        tables: Tables,
        place: Place,
        base: Base | None,
        late: list[LateRow],
    ) -> None:
        self.model = place.model
        self._connection = connection
        self._tables = tables
        self._place = place
        self._base = base
        self._late = late

    @classmethod
    def open(cls, connection: Connection, tables: Tables, place: Place) -> "PgvectorIndex":
        """Find the current table, and read what came after it.

        Raises:
            TooFarBehind: the worker has more to do than a look-up can wait for.
            IndexMismatch: the table is of another dimension.
            IndexUnavailable: the database refuses.
        """
        try:
            with guarded(connection) as cursor:
                base = find_base(cursor, tables, place)
        except IndexMissing:
            base = None
        if base is not None and base.dimension != place.dimension:
            raise IndexMismatch(
                f"The table of vectors has {base.dimension} dimensions, {place.model} has "
                f"{place.dimension}. It is made anew by itself, or by: peerqa index rebuild"
            )
        since = base.revision if base else 0
        with guarded(connection) as cursor:
            late = read_late(cursor, tables, place, since=since, most=MOST_LATE + 1)
        if len(late) > MOST_LATE:
            raise TooFarBehind("The worker is still bringing the vectors up to date.")
        return cls(connection, tables, place, base, late)

    @property
    def revision(self) -> int:
        """Every change up to here is contained."""
        newest = max((row.revision for row in self._late), default=0)
        return max(newest, self._base.revision if self._base else 0)

    @property
    def late_count(self) -> int:
        """Changes that are not in the table yet."""
        return len(self._late)

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all vectors that can be found, ascending."""
        stored: list[int] = []
        if self._base is not None:
            with guarded(self._connection) as cursor:
                cursor.execute(
                    sql.SQL("SELECT id FROM {}").format(self._tables.base(self._base.id))
                )
                stored = [row[0] for row in cursor]
        late = {row.id: row.vector is not None for row in self._late}
        found = {row_id for row_id in stored if row_id not in late}
        found |= {row_id for row_id, is_there in late.items() if is_there}
        return np.array(sorted(found), np.int64)

    def search(
        self, query: NDArray[np.float32], *, k: int, exclude: Collection[int] | None = None
    ) -> list[Neighbour]:
        """Return the k nearest questions, as OrganizationIndex.search does.

        Raises:
            IndexUnavailable: the database refuses.
        """
        left_out = frozenset(exclude or ())
        late = [row for row in self._late if row.vector is not None and row.owner not in left_out]
        late_owners = np.array([row.owner for row in late], np.int64)
        late_similarities = _compared(late, query)
        fetch = max(FEWEST_FETCHED, FETCH_FACTOR * k)
        while True:
            near = self._fetch(query, fetch, left_out)
            nearest = best_of_each(
                np.concatenate([near.owners, late_owners]),
                np.concatenate([inner_products(near.vectors, query), late_similarities]),
                count=k,
            )
            is_certain = len(nearest) == k and nearest[-1].similarity > near.farthest + ROUNDING
            if is_certain or near.count < fetch:
                return nearest
            fetch *= FETCH_FACTOR

    def gather(self, owners: Iterable[int]) -> Gathered:
        """Return all vectors of the questions, to compare when the query is there."""
        wanted = sorted(set(owners))
        rows: list[tuple[int, bytes]] = []
        if wanted:
            with guarded(self._connection) as cursor:
                cursor.execute(
                    sql.SQL(
                        "SELECT question_id, vector FROM {} WHERE question_id = ANY(%(wanted)s)"
                        " AND organization_id = %(organization)s AND model = %(model)s"
                        " AND vector IS NOT NULL"
                    ).format(self._tables.truth),
                    self._place.scope | {"wanted": wanted},
                )
                rows = cursor.fetchall()
        return self._read(rows)

    def similarities(self, query: NDArray[np.float32], owners: Iterable[int]) -> dict[int, float]:
        """Return the best similarity of each of the questions that has a vector."""
        return self.gather(owners).similarities(query)

    def _fetch(self, query: NDArray[np.float32], fetch: int, left_out: frozenset[int]) -> _Fetched:
        if self._base is None:
            return _Fetched(*_nothing(self._place.dimension), -2.0, 0)
        if self._base.width:
            near = self._ask(query, fetch, left_out, by_graph=True)
            if near.count == fetch:
                return near
        return self._ask(query, fetch, left_out, by_graph=False)

    def _ask(
        self, query: NDArray[np.float32], fetch: int, left_out: frozenset[int], *, by_graph: bool
    ) -> _Fetched:
        """Return the rows that the table holds for the nearest, with their true vectors."""
        assert self._base is not None
        asked = self._place.scope | {"query": _as_literal(query), "left_out": sorted(left_out)}
        with guarded(self._connection) as cursor:
            if by_graph:
                cursor.execute(graph_settings(max(self._base.width, fetch)))
            # The numbers of a statement that is prepared would be unknown to the planner.
            cursor.execute(
                _NEAREST.format(
                    base=self._tables.base(self._base.id),
                    truth=self._tables.truth,
                    # an expression that is not the index's own keeps the planner from the graph
                    order=sql.SQL("" if by_graph else " + 0"),
                    condition=sql.SQL("WHERE owner <> ALL(%(left_out)s)" if left_out else ""),
                    fetch=sql.Literal(fetch),
                ),
                asked,
                prepare=False,
            )
            rows = cursor.fetchall()
        alive = [
            (owner, stored)
            for _, owner, stored in rows
            if stored is not None and owner not in left_out
        ]
        found = self._read(alive)
        farthest = min((row[0] for row in rows), default=-2.0)
        return _Fetched(found.owners, found.vectors, farthest, len(rows))

    def _read(self, rows: Iterable[tuple[int, bytes]]) -> Gathered:
        dimension = self._place.dimension
        whole = [(owner, stored) for owner, stored in rows if len(stored) == 4 * dimension]
        if not whole:
            return Gathered(*_nothing(dimension))
        vectors = np.frombuffer(b"".join(stored for _, stored in whole), "<f4")
        owners = np.array([owner for owner, _ in whole], np.int64)
        return Gathered(owners, vectors.reshape(len(whole), dimension))


_NEAREST = sql.SQL(
    "SELECT near.similarity, truth.question_id, truth.vector FROM ("
    " SELECT id, -(vector <#> %(query)s::halfvec) AS similarity FROM {base} {condition}"
    " ORDER BY (vector <#> %(query)s::halfvec){order} LIMIT {fetch}"
    ") AS near LEFT JOIN {truth} AS truth ON truth.id = near.id"
    " AND truth.organization_id = %(organization)s AND truth.model = %(model)s"
)


def graph_settings(width: int) -> sql.Composed:
    """Return settings that last until the caller's transaction ends, and concern nothing else."""
    return sql.SQL(
        "SELECT set_config('hnsw.ef_search', {}, true),"
        " set_config('hnsw.iterative_scan', 'relaxed_order', true),"
        " set_config('hnsw.max_scan_tuples', {}, true),"
        " set_config('hnsw.scan_mem_multiplier', '4', true)"
    ).format(sql.Literal(str(min(width, WIDEST))), sql.Literal(str(MOST_PASSED)))


def _compared(late: list[LateRow], query: NDArray[np.float32]) -> NDArray[np.float32]:
    vectors = [row.vector for row in late if row.vector is not None]
    return inner_products(np.stack(vectors), query) if vectors else np.empty(0, np.float32)


def _as_literal(query: NDArray[np.float32]) -> str:
    return "[" + ",".join(map(str, query.tolist())) + "]"


def _nothing(dimension: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    return np.empty(0, np.int64), np.empty((0, dimension), np.float32)
