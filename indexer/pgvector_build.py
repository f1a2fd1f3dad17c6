"""Makes the table of a place anew, with a graph when it is large, and swaps it in.

It is built in nobody's way: filled, given its graph, brought up to date and then made the current
one; the one before serves until then. One worker at a time builds for a place, and has the right to
as long as its connection lives: what it left half done when it was killed is swept away.
"""

from psycopg import sql

from indexer.errors import IndexDamaged
from indexer.pgvector_connection import Connection, guarded, require_extension
from indexer.pgvector_index import WIDEST, graph_settings
from indexer.pgvector_tables import (
    Base,
    Place,
    Tables,
    end_building,
    index_ids,
    make_base,
    make_register,
    read_row,
    try_to_build,
    wait_for_turn,
)
from indexer.pgvector_upkeep import (
    Followed,
    append,
    give_up_current,
    newest_revision,
    next_changes,
    note_revision,
    take_over,
)

GRAPH_FROM = 10_000
"""Rows from which a look-up by graph is quicker than row by row: 10,000 rows take about 6 ms."""
CHUNK = 5_000  # rows copied in one transaction, 8 MB
NARROWEST = 400
"""Rows in view of a graph. At 100,000 rows 100 found .90 of the true ten, 200 .95, 400 .998."""
RECALL, SAMPLE, NEAREST = 0.985, 30, 10  # what the width of a graph must hold, and for how many
MOST_GRAPH_MEMORY_MB = 1_024  # of the server's, while a graph is built
_GRAPH_BYTES = 600  # of a row in that memory, beside its vector


def build(
    connection: Connection, tables: Tables, place: Place, *, graph_from: int = GRAPH_FROM
) -> int | None:
    """Make the table anew and put it in the place of the current one.

    Args:
        connection: in no transaction, and committing each statement by itself.
        graph_from: rows from which it gets a graph.

    Returns:
        How many rows it has; None when another worker is building it.

    Raises:
        IndexUnavailable: the database refuses; the current table is untouched.
    """
    make_register(connection, tables)
    require_extension(connection)  # it may be gone since
    if not try_to_build(connection, place):
        return None
    try:
        with guarded(connection) as cursor:
            revision = newest_revision(cursor, tables, place)
            base = make_base(cursor, tables, place, state="filling", revision=revision)
        count = _fill(connection, tables, place, base)
        with guarded(connection) as cursor:
            index_ids(cursor, tables, base)
        if count >= graph_from:
            _make_graph(connection, tables, base, count)
            width = _fitting_width(connection, tables, base)
            base = Base(base.id, base.dimension, base.revision, width)
        _swap(connection, tables, place, base)
    finally:
        if not connection.closed:
            end_building(connection, place)
    return count


def _fill(connection: Connection, tables: Tables, place: Place, base: Base) -> int:
    """Copy all rows, in order of the id; what changes meanwhile has a later revision."""
    count, after = 0, -1
    while True:
        with guarded(connection) as cursor:
            cursor.execute(
                sql.SQL(
                    "SELECT id, question_id, vector FROM {}"
                    " WHERE organization_id = %(organization)s AND model = %(model)s"
                    " AND vector IS NOT NULL AND id > %(after)s ORDER BY id LIMIT %(chunk)s"
                ).format(tables.truth),
                place.scope | {"after": after, "chunk": CHUNK},
            )
            rows = cursor.fetchall()
            if not rows:
                return count
            read = [(row_id, owner, read_row(v, place.dimension)) for row_id, owner, v in rows]
            count += append(cursor, tables, base, read)
            after = rows[-1][0]


def _make_graph(connection: Connection, tables: Tables, base: Base, count: int) -> None:
    wanted = count * (2 * base.dimension + _GRAPH_BYTES) * 5 // 4 >> 20
    with guarded(connection) as cursor:
        # should this process die, the server notices, and ends what it does for it
        cursor.execute("SET LOCAL client_connection_check_interval = '2s'")
        cursor.execute(
            sql.SQL("SET LOCAL maintenance_work_mem = {}").format(
                sql.Literal(f"{min(MOST_GRAPH_MEMORY_MB, max(64, wanted))}MB")
            )
        )
        cursor.execute(
            sql.SQL("CREATE INDEX ON {} USING hnsw (vector halfvec_ip_ops)").format(
                tables.base(base.id)
            )
        )
        cursor.execute(sql.SQL("ANALYZE {}").format(tables.base(base.id)))


def _fitting_width(connection: Connection, tables: Tables, base: Base) -> int:
    """Return how many rows must be in view for the true nearest of a sample to be found."""
    name = tables.base(base.id)
    ask = sql.SQL(
        "SELECT sample.id, array(SELECT near.id FROM {base} AS near"
        " ORDER BY (near.vector <#> sample.vector){order} LIMIT {nearest})"
        " FROM (SELECT id, vector FROM {base} ORDER BY hashint4(id) LIMIT {sample}) AS sample"
    )
    texts = {
        kind: ask.format(
            base=name,
            order=sql.SQL(order),
            nearest=sql.Literal(NEAREST),
            sample=sql.Literal(SAMPLE),
        )
        for kind, order in (("exact", " + 0"), ("graph", ""))
    }
    with guarded(connection) as cursor:
        truth = dict(cursor.execute(texts["exact"]).fetchall())
        width = NARROWEST
        while True:
            cursor.execute(graph_settings(width))
            found = dict(cursor.execute(texts["graph"]).fetchall())
            hits = sum(len(set(found[each]) & set(true)) for each, true in truth.items())
            if hits >= RECALL * sum(map(len, truth.values())) or width >= WIDEST:
                return width
            width = min(WIDEST, 2 * width)


def _swap(connection: Connection, tables: Tables, place: Place, base: Base) -> None:
    """Bring the new table up to date, then make it the current one.

    The most is taken over before anybody waits.
    """
    while True:
        with guarded(connection) as cursor:
            late, left = next_changes(cursor, tables, place, since=base.revision)
            if left is Followed.TOO_MUCH:
                raise IndexDamaged("More rows changed at once than can be taken over; try again.")
            if late:
                take_over(cursor, tables, base, late)
                base = Base(base.id, base.dimension, late[-1].revision, base.width)
                note_revision(cursor, tables, base, base.revision)
        if left is Followed.ALL:
            break
    with guarded(connection) as cursor:
        wait_for_turn(cursor, place)
        late, left = next_changes(cursor, tables, place, since=base.revision)
        if late:
            take_over(cursor, tables, base, late)
        # a row whose tombstone is gone already left nothing that could be taken over
        cursor.execute(
            sql.SQL(
                "DELETE FROM {base} AS base WHERE NOT EXISTS (SELECT 1 FROM {truth} AS truth"
                " WHERE truth.id = base.id AND truth.vector IS NOT NULL)"
            ).format(base=tables.base(base.id), truth=tables.truth)
        )
        give_up_current(cursor, tables, place)
        cursor.execute(
            sql.SQL(
                "UPDATE {} SET state = 'current', width = %s, revision = %s, changed_at = now()"
                " WHERE id = %s"
            ).format(tables.register),
            [base.width, late[-1].revision if late else base.revision, base.id],
        )
