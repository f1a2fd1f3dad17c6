"""Upkeep of the vectors in PostgreSQL, by any number of workers on any hosts.

What was written is taken over at once after its commit; the timer mends whatever that missed: a
table that is gone, damaged, of another dimension or ahead of the database, and one that has grown
large enough for a graph.
"""

import time
from collections.abc import Collection

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable
from indexer.pgvector_build import GRAPH_FROM, build
from indexer.pgvector_connection import Connection, guarded
from indexer.pgvector_tables import Base, Place, Tables, find_base, list_places, make_register
from indexer.pgvector_upkeep import (
    MOST_FOLLOWED,
    WORTH_BUILDING,
    Followed,
    compare,
    count_late,
    follow,
    has_rows,
    is_whole,
    newest_revision,
    retire,
    sweep,
    vacuum,
)
from indexer.ports import Encoder
from peerqa.database import db, transaction
from peerqa.models import Embedding, Organization
from peerqa.search.pgvector import PgvectorIndexes, connection_of, own_connection, place_of
from peerqa.search.saving import revision_of

VERIFY_SECONDS = 60.0  # between countings of a table …
VERIFY_SHARE = 0.02  # … and of the time, at most, that is spent on counting
VACUUM_SECONDS = 3600.0  # that what was deleted may stay on the pages of a table with a graph

log = structlog.get_logger()


class PgvectorUpkeep:
    """What the worker does about the tables."""

    def __init__(self, indexes: PgvectorIndexes, *, graph_from: int = GRAPH_FROM) -> None:
        self._tables: Tables = indexes.tables
        self._graph_from = graph_from
        self._verify_at: dict[Place, float] = {}
        self._vacuum_at: dict[Place, float] = {}

    def follow(self) -> None:
        """Take over what was just written; what goes wrong is left to the timer."""
        try:
            for place in self._behind():
                with transaction() as session:
                    follow(connection_of(session), self._tables, place)
        except IndexUnavailable as error:
            log.warning("index.not_followed", reason=str(error))

    def keep(self, organization_ids: Collection[int], encoder: Encoder | None) -> None:
        """Bring every table in order, and sweep away what is nobody's.

        Raises:
            IndexUnavailable: the database has no vectors, or does not answer.
        """
        with own_connection() as connection:
            make_register(connection, self._tables)
            for place in self._places(connection, organization_ids, encoder):
                self._keep(connection, place)
            if dropped := sweep(connection, self._tables, organization_ids):
                log.info("index.swept", tables=dropped)

    def rebuild(self, place: Place) -> int | None:
        """Make a table anew; returns its number of rows, None when another worker does so."""
        with own_connection() as connection:
            return self._build(connection, place, reason="asked for")

    def _behind(self) -> list[Place]:
        session = db.session()
        try:
            with guarded(connection_of(session)) as cursor:
                return list_places(cursor, self._tables, behind=True)
        except IndexMissing:
            return []  # the timer makes them
        finally:
            session.rollback()

    def _places(
        self, connection: Connection, organization_ids: Collection[int], encoder: Encoder | None
    ) -> list[Place]:
        with guarded(connection) as cursor:
            found = list_places(cursor, self._tables)
        wanted = [place_of(each, encoder) for each in organization_ids] if encoder else []
        others = [
            place
            for place in found
            if place.organization_id in organization_ids
            and (encoder is None or place.model != encoder.model)
        ]
        return [*wanted, *others]

    def _keep(self, connection: Connection, place: Place) -> None:
        with guarded(connection) as cursor:
            base = find_base(cursor, self._tables, place)
            newest = newest_revision(cursor, self._tables, place)
        if newest == 0:
            if base is not None:
                retire(connection, self._tables, place)
            return
        late = count_late(connection, self._tables, place, since=base.revision if base else 0)
        reason = self._reason_to_build(connection, place, base, late)
        if reason is None and late:
            reason = self._follow_all(connection, place)
        if reason is not None:
            self._build(connection, place, reason=reason)
        self._forget_gone(connection, place)

    def _reason_to_build(
        self, connection: Connection, place: Place, base: Base | None, late: int
    ) -> str | None:
        """Return why the table must be made anew, or None."""
        if base is None:
            return "large" if late > MOST_FOLLOWED else None
        if base.dimension != place.dimension:
            return "of another dimension"
        try:
            newest = revision_of(db.session(), place.organization_id)
            db.session.rollback()
            if base.revision > newest:
                return "ahead of the database"
            if late == 0 and not self._is_in_order(connection, place, base):
                return "not whole"
            if late > MOST_FOLLOWED and not has_rows(
                connection, self._tables, base, at_least=int(late / WORTH_BUILDING)
            ):
                return "far behind"
            if base.width == 0 and has_rows(
                connection, self._tables, base, at_least=self._graph_from
            ):
                return "large enough for a graph"
        except (IndexDamaged, IndexMissing) as error:
            return str(error)
        return None

    def _is_in_order(self, connection: Connection, place: Place, base: Base) -> bool:
        """Whether it is whole; looked at once in a while, and at once when the worker starts."""
        began = time.monotonic()
        if began < self._verify_at.get(place, 0.0):
            return True
        found = is_whole(connection, self._tables, place, base)
        took = time.monotonic() - began
        self._verify_at[place] = began + max(VERIFY_SECONDS, took / VERIFY_SHARE)
        return found

    def _follow_all(self, connection: Connection, place: Place) -> str | None:
        """Take over all changes; returns a reason to build instead, or None."""
        try:
            while (left := follow(connection, self._tables, place)) is Followed.MORE:
                pass
        except IndexDamaged as error:
            return str(error)
        return None if left is Followed.ALL else "too much changed at once"

    def _build(self, connection: Connection, place: Place, *, reason: str) -> int | None:
        began = time.monotonic()
        count = build(connection, self._tables, place, graph_from=self._graph_from)
        if count is not None:
            self._verify_at.pop(place, None)
            log.info(
                "index.built", organization=place.organization_id, vectors=count, reason=reason,
                seconds=round(time.monotonic() - began, 1),
            )  # fmt: skip
        return count

    def _forget_gone(self, connection: Connection, place: Place) -> None:
        """Delete the tombstones that were taken over, and what they stand for from the pages."""
        with guarded(connection) as cursor:
            base = find_base(cursor, self._tables, place)
        if base is None:
            return
        gone = (
            Embedding.organization_id == place.organization_id,
            Embedding.model == place.model,
            Embedding.vector.is_(None),
            Embedding.revision <= base.revision,
        )
        session = db.session()
        if session.scalar(select(Embedding.id).where(*gone).limit(1)) is not None:
            with transaction() as writing:
                writing.execute(delete(Embedding).where(*gone))
            self._vacuum_at.setdefault(place, time.monotonic() + VACUUM_SECONDS)
        session.rollback()
        due = self._vacuum_at.get(place)
        if due is not None and (base.width == 0 or time.monotonic() >= due):
            del self._vacuum_at[place]
            vacuum(connection, self._tables, base)


def check_table(
    session: Session, indexes: PgvectorIndexes, organization: Organization, encoder: Encoder
) -> tuple[int, int, str | None]:
    """Return how many vectors are missing, how many are unknown, and what else is amiss."""
    place = place_of(organization.id, encoder)
    try:
        index = indexes.open(session, organization.id, encoder)
        if index.late_count:
            return 0, 0, f"{index.late_count} changes wait for the worker."
        found = compare(connection_of(session), indexes.tables, place)
    except IndexMissing:
        return 0, 0, None  # nothing was indexed yet
    except IndexUnavailable as error:
        return 0, 0, str(error)
    return found.missing, found.unknown, None


def table_revision(
    session: Session, indexes: PgvectorIndexes, organization: Organization, encoder: Encoder
) -> int | None:
    """Return up to which revision the table holds everything; None when there is none.

    Raises:
        IndexUnavailable: the database has no vectors.
    """
    try:
        with guarded(connection_of(session)) as cursor:
            base = find_base(cursor, indexes.tables, place_of(organization.id, encoder))
    except IndexMissing:
        return None
    return base.revision if base else None
