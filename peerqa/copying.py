"""Moving a database from SQLite to PostgreSQL: every row, verified, or nothing at all.

All of it is one transaction of PostgreSQL's, tables included. Whatever interrupts it, the target
stays as empty as it was, and the copy can be begun again. SQLite is opened so that nobody else can
be in it: a service that runs is noticed, and none can start meanwhile.

Foreign keys are taken off for the time of the copy and put back at its end, when PostgreSQL checks
them all at once: rows of one table refer to each other, and questions and answers do both ways.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    Column,
    Connection,
    Table,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from peerqa.copying_ends import opened_source, opened_target, prepare, reason_of
from peerqa.database import Base
from peerqa.errors import N_, PeerQAError
from peerqa.row_digest import RowDigest
from peerqa.search.texts import POST, in_sight, read_texts
from peerqa.search.words import write_words

READ_AT_ONCE = 50  # rows; a picture may take a megabyte
WORDS_AT_ONCE = 500  # posts

Tell = Callable[[str, int, int], None]  # of a table, how many rows of how many


class CopyFailed(PeerQAError):
    """The target is as it was before."""

    code = "copy-failed"


@dataclass(frozen=True)
class CopiedTable:
    """What was copied, and read back equal.

    Attributes:
        digest: the SHA-256 of its rows, added up: the same in whatever order they are read.
    """

    rows: int
    digest: str


def copy_database(source: Path, target: str, *, tell: Tell) -> Mapping[str, CopiedTable]:
    """Copy every row of a SQLite database into an empty PostgreSQL.

    Args:
        source: the database file; its tables are of this version.
        target: postgresql://…
        tell: hears how far it is.

    Raises:
        BadDatabase: one of them is none, or of another version.
        TargetNotEmpty: there is data in the target.
        SourceInUse: PeerQA is running on the source.
        CopyFailed: what was read back differs, or the target refused; nothing was copied.
    """
    with opened_source(source) as reading, opened_target(target) as writing:
        try:
            prepare(writing)
            keys = _take_keys_off(writing)
            copied = {
                table.name: _copy(table, reading, writing, tell=tell)
                for table in Base.metadata.sorted_tables
            }
            _put_keys_back(writing, keys)
            _set_sequences(reading, writing)
            _write_words(writing, tell=tell)
            writing.commit()
        except (DBAPIError, psycopg.Error) as error:
            raise CopyFailed(
                N_("%(reason)s. Nothing was copied; the copy can be begun again."),
                reason=reason_of(error),
            ) from error
    return copied


def _take_keys_off(target: Connection) -> Sequence[tuple[str, str, str]]:
    """Drop all foreign keys; returns table, name and definition of each."""
    keys = [
        (table, name, definition)
        for table, name, definition in target.execute(
            text(
                "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE contype = 'f'"
                " AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
            )
        )
    ]
    for table, name, _ in keys:
        target.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return keys


def _put_keys_back(target: Connection, keys: Sequence[tuple[str, str, str]]) -> None:
    for table, name, definition in keys:
        target.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _copy(table: Table, source: Connection, target: Connection, *, tell: Tell) -> CopiedTable:
    """Copy a table, and read it back."""
    count = source.scalar(select(func.count()).select_from(table)) or 0
    columns = list(table.columns)
    written = RowDigest()
    store = [_storing(column, target) for column in columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.Identifier(column.name) for column in columns),
    )
    driver: psycopg.Connection[Any] = target.connection.driver_connection  # type: ignore[assignment]  # the dialect's
    tell(table.name, 0, count)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in source.execute(select(*columns), execution_options={"yield_per": READ_AT_ONCE}):
            written.add(row)
            copy.write_row([put(value) for put, value in zip(store, row, strict=True)])
            if written.count % 1_000 == 0:
                tell(table.name, written.count, count)
    there = RowDigest()
    for row in target.execute(select(*columns), execution_options={"yield_per": READ_AT_ONCE}):
        there.add(row)
    if (there.count, there.total) != (written.count, written.total):
        raise CopyFailed(
            N_("What was read back of %(table)s differs. Nothing was copied."), table=table.name
        )
    tell(table.name, count, count)
    return CopiedTable(written.count, f"{written.total:064x}")


def _storing(column: Column[Any], target: Connection) -> Callable[[Any], Any]:
    """Return what turns a value of the column into what COPY takes."""
    bind = column.type.dialect_impl(target.dialect).bind_processor(target.dialect)

    def put(value: Any) -> Any:
        if value is None and column.nullable:
            return None
        return value if bind is None else bind(value)

    return put


def _set_sequences(source: Connection, target: Connection) -> None:
    """Let ids go on after the highest there ever was: some are never given twice."""
    highest: dict[str, int] = {}
    if inspect(source).has_table("sqlite_sequence") or source.scalar(
        text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
    ):
        rows = source.execute(text("SELECT name, seq FROM sqlite_sequence"))
        highest = {name: seq for name, seq in rows}
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = max(target.scalar(select(func.max(column))) or 0, highest.get(table.name, 0))
        name = target.scalar(
            text("SELECT pg_get_serial_sequence(quote_ident(:table), :column)"),
            {"table": table.name, "column": column.name},
        )
        if last and name:
            target.execute(
                text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": name, "last": last}
            )


def _write_words(target: Connection, *, tell: Tell) -> None:
    """Write the words of posts anew: the two databases keep them in ways of their own."""
    session = Session(bind=target, join_transaction_mode="control_fully")
    count = session.scalar(select(func.count()).select_from(in_sight().subquery())) or 0
    after, done = 0, 0
    while True:
        ids = session.scalars(
            in_sight()
            .with_only_columns(POST.c.id)
            .where(POST.c.id > after)
            .order_by(POST.c.id)
            .limit(WORDS_AT_ONCE)
        ).all()
        tell("words", done, count)
        if not ids:
            return
        write_words(session, [each.words for each in read_texts(session, ids)])
        after, done = ids[-1], done + len(ids)
