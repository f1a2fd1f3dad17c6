"""Brings the tables of pgvector up to date with the rows, and sweeps away what nobody needs.

Several workers may do so on several hosts. Who takes over changes waits for its turn, and finds
nothing left to do when another has done it. Making a table anew is in pgvector_build; what a
killed worker left half done there is swept away by the next.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from psycopg import errors, sql

from indexer.errors import IndexMissing, IndexUnavailable
from indexer.pgvector_connection import Connection, Cursor, guarded
from indexer.pgvector_tables import (
    Base,
    LateRow,
    Place,
    Tables,
    copy_rows,
    end_building,
    find_base,
    index_ids,
    make_base,
    make_register,
    read_late,
    read_row,
    try_to_build,
    wait_for_turn,
)

MOST_FOLLOWED = 5_000  # changes taken over in one transaction
WORTH_BUILDING = 0.5  # share of a table that is late, above which it is quicker made anew
LINGERS_SECONDS = 5  # that a replaced table stays for look-ups that have found it


class Followed(Enum):
    """What is left after changes were taken over."""

    ALL = "nothing"
    MORE = "more of them"
    TOO_MUCH = "more than one transaction takes at once"


@dataclass(frozen=True)
class Found:
    """How a table compares with the rows."""

    missing: int  # rows that are not in it, or otherwise
    unknown: int  # in it, and of no row


def follow(connection: Connection, tables: Tables, place: Place) -> Followed:
    """Take over changes since the current table was last touched; it is made when it is missing.

    Raises:
        IndexUnavailable: the database refuses; nothing was taken over.
    """
    make_register(connection, tables)
    with guarded(connection) as cursor:
        wait_for_turn(cursor, place)
        base = find_base(cursor, tables, place)
        if base is None:
            base = make_base(cursor, tables, place, state="current")
            index_ids(cursor, tables, base)
        late, left = next_changes(cursor, tables, place, since=base.revision)
        if late:
            take_over(cursor, tables, base, late)
            note_revision(cursor, tables, base, late[-1].revision)
    return left


def sweep(connection: Connection, tables: Tables, organization_ids: Collection[int]) -> list[int]:
    """Drop tables that were replaced, left half filled, or belong to nobody any more.

    Args:
        connection: as for build().
        organization_ids: those there are.

    Returns:
        The numbers of those dropped.
    """
    with guarded(connection) as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT id, organization_id, model, dimension, state FROM {} WHERE"
                " organization_id <> ALL(%(known)s) OR state = 'filling' OR"
                " state = 'replaced' AND changed_at < now() - make_interval(secs => %(lingers)s)"
            ).format(tables.register),
            {"known": sorted(organization_ids), "lingers": LINGERS_SECONDS},
        )
        rows = cursor.fetchall()
    dropped = []
    for base_id, organization_id, model, dimension, state in rows:
        place = Place(organization_id, model, dimension)
        if state == "filling" and not try_to_build(connection, place):
            continue  # it is being built
        try:
            if _drop(connection, tables, base_id):
                dropped.append(base_id)
        finally:
            if state == "filling":
                end_building(connection, place)
    return dropped


def retire(connection: Connection, tables: Tables, place: Place) -> None:
    """Give a place up whose rows are all gone, as those of a model that is no longer wanted."""
    with guarded(connection) as cursor:
        wait_for_turn(cursor, place)
        if newest_revision(cursor, tables, place) == 0:
            give_up_current(cursor, tables, place)


def give_up_current(cursor: Cursor, tables: Tables, place: Place) -> None:
    """Let the table of a place serve no more; in its turn."""
    cursor.execute(
        sql.SQL(
            "UPDATE {} SET state = 'replaced', changed_at = now() WHERE state = 'current'"
            " AND organization_id = %(organization)s AND model = %(model)s"
        ).format(tables.register),
        place.scope,
    )


def _drop(connection: Connection, tables: Tables, base_id: int) -> bool:
    """Drop a table; False when it is being read: all who come later would wait for that."""
    try:
        with guarded(connection) as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(tables.base(base_id)))
            cursor.execute(
                sql.SQL("DELETE FROM {} WHERE id = %s").format(tables.register), [base_id]
            )
    except IndexUnavailable as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            return False
        raise
    return True


def compare(connection: Connection, tables: Tables, place: Place) -> Found:
    """Compare every row of the current table with the rows it was made from.

    Raises:
        IndexUnavailable: there is no table, or it cannot be read.
    """
    with guarded(connection) as cursor:
        base = find_base(cursor, tables, place)
        if base is None:
            raise IndexMissing("There is no table of vectors yet.")
        cursor.execute(
            sql.SQL(
                "SELECT truth.id, truth.vector, base.id, base.vector::vector::real[] "
                "FROM (SELECT * FROM {truth} WHERE organization_id = %(organization)s"
                " AND model = %(model)s AND vector IS NOT NULL) AS truth"
                " FULL JOIN {base} AS base ON base.id = truth.id AND base.owner = truth.question_id"
            ).format(truth=tables.truth, base=tables.base(base.id)),
            place.scope,
        )
        missing = unknown = 0
        for true_id, stored, base_id, cached in cursor:
            if true_id is None:
                unknown += 1
            elif base_id is None or not _is_same(read_row(stored, place.dimension), cached):
                missing += 1
    return Found(missing, unknown)


def is_whole(connection: Connection, tables: Tables, place: Place, base: Base) -> bool:
    """Whether the table has as many rows as there are; it is gone through, and found if damaged.

    Only asked where nothing is late.
    """
    with guarded(connection) as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT (SELECT count(vector) FROM {base}) = (SELECT count(*) FROM {truth}"
                " WHERE organization_id = %(organization)s AND model = %(model)s"
                " AND octet_length(vector) = %(bytes)s)"
            ).format(base=tables.base(base.id), truth=tables.truth),
            place.scope | {"bytes": 4 * place.dimension},
        )
        return bool(cursor.fetchone() == (True,))


def has_rows(connection: Connection, tables: Tables, base: Base, *, at_least: int) -> bool:
    """Whether the table has so many rows."""
    with guarded(connection) as cursor:
        cursor.execute(
            sql.SQL("SELECT count(*) >= {least} FROM (SELECT 1 FROM {base} LIMIT {least}) AS few")
            .format(base=tables.base(base.id), least=sql.Literal(at_least))
        )  # fmt: skip
        return bool(cursor.fetchone() == (True,))


def count_late(connection: Connection, tables: Tables, place: Place, *, since: int) -> int:
    """Return how many rows changed after a revision."""
    with guarded(connection) as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT count(*) FROM {} WHERE organization_id = %(organization)s"
                " AND model = %(model)s AND revision > %(since)s"
            ).format(tables.truth),
            place.scope | {"since": since},
        )
        (count,) = cursor.fetchone()  # type: ignore[misc]  # an aggregate gives one
    return int(count)


def vacuum(connection: Connection, tables: Tables, base: Base) -> None:
    """Take what was deleted off the pages of a table and of its graph.

    Args:
        connection: as for build().
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("VACUUM {}").format(tables.base(base.id)))


def _is_same(true: NDArray[np.float32] | None, cached: list[float]) -> bool:
    return true is not None and bool(
        np.allclose(true, np.array(cached, np.float32), atol=1e-3, rtol=0)
    )


def next_changes(
    cursor: Cursor, tables: Tables, place: Place, *, since: int
) -> tuple[list[LateRow], Followed]:
    """Return whole revisions, the oldest first."""
    late = read_late(cursor, tables, place, since=since, most=MOST_FOLLOWED + 1)
    if len(late) <= MOST_FOLLOWED:
        return late, Followed.ALL
    whole = [row for row in late if row.revision < late[-1].revision]  # the last may go on
    return whole, Followed.MORE if whole else Followed.TOO_MUCH


def take_over(cursor: Cursor, tables: Tables, base: Base, late: list[LateRow]) -> None:
    cursor.execute(
        sql.SQL("DELETE FROM {} WHERE id = ANY(%s)").format(tables.base(base.id)),
        [[row.id for row in late]],
    )
    append(cursor, tables, base, [(row.id, row.owner, row.vector) for row in late])


def append(
    cursor: Cursor,
    tables: Tables,
    base: Base,
    rows: list[tuple[int, int, NDArray[np.float32] | None]],
) -> int:
    alive = [(row_id, owner, vector) for row_id, owner, vector in rows if vector is not None]
    if alive:
        ids, owners, vectors = zip(*alive, strict=True)
        copy_rows(cursor, tables, base, ids, owners, np.stack(vectors))
    return len(alive)


def note_revision(cursor: Cursor, tables: Tables, base: Base, revision: int) -> None:
    cursor.execute(
        sql.SQL("UPDATE {} SET revision = %s, changed_at = now() WHERE id = %s").format(
            tables.register
        ),
        [revision, base.id],
    )


def newest_revision(cursor: Cursor, tables: Tables, place: Place) -> int:
    cursor.execute(
        sql.SQL(
            "SELECT coalesce(max(revision), 0) FROM {}"
            " WHERE organization_id = %(organization)s AND model = %(model)s"
        ).format(tables.truth),
        place.scope,
    )
    (revision,) = cursor.fetchone()  # type: ignore[misc]  # an aggregate gives one
    return int(revision)
