"""The one way to the database: Base, session, instants with a zone, and transaction().

SQLite is opened as a server database: WAL, commits on disk before the reply, foreign keys on.
Reading and then writing in a deferred transaction fails under load whatever the busy timeout says
(SQLITE_BUSY_SNAPSHOT), so a write begins IMMEDIATE, and before that queues at a file lock, which
the kernel frees when a process is killed. PostgreSQL needs none of this.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Text,
    TypeDecorator,
    event,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry

from peerqa.sqlite_connections import open_connection
from peerqa.write_queue import WriteQueue

Values = dict[str, object]
IN_TIME = {"connect_timeout": 5}  # a host that drops packets would hold a thread for minutes
FIXED_SQLITE = (3, 51, 3)  # older libraries can corrupt a WAL database when it is reset


class UtcDateTime(TypeDecorator[datetime]):
    """An instant; stored in UTC, read back with its zone; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an instant into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the instant its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StorableText(TypeDecorator[str]):
    """A text of any length; what a database would refuse is left out, in questions too."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Leave out what cannot be stored."""
        return None if value is None else storable(value)


class Base(DeclarativeBase):
    """The base of every table; its types are in a registry, as SQLAlchemy 2.1 wants them."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime(), str: StorableText()},
    )


class RequestSession(FlaskSession):
    """Flask-SQLAlchemy's session; a test may bind it to one connection and roll that back.

    (`db.session.configure(bind=…)` is ignored by Flask-SQLAlchemy, so the usual fixture leaks.)
    """

    bound_to: ClassVar[Connection | None] = None

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:  # Any: as in the base
        """Prefer the connection that a test chose."""
        return self.bound_to if self.bound_to is not None else super().get_bind(*args, **kwargs)

    def close(self) -> None:
        """End the session; a connection that was lost meanwhile is no failure of what was done.

        It happens after the reply was made: an exception here would replace that reply by a 500.
        """
        try:
            super().close()
        except DBAPIError:
            self.invalidate()


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={
        "class_": RequestSession,
        "expire_on_commit": False,
        "join_transaction_mode": "create_savepoint",
    },
)


def engine_options(address: str, *, threads: int) -> dict[str, object]:
    """Return what create_engine needs for this address."""
    options: dict[str, object] = {"pool_size": threads + 2, "max_overflow": 4}
    if not address.startswith("sqlite"):
        return options | {"pool_pre_ping": True, "connect_args": IN_TIME}
    if sqlite3.sqlite_version_info < FIXED_SQLITE:
        import pysqlite3.dbapi2 as fixed

        options["module"] = fixed
    return options


def open_engine(engine: Engine, *, write_wait_seconds: float) -> None:
    """Make every connection of the engine durable and strict; call once, after it is made."""
    if engine.dialect.name != "sqlite":
        return
    path = Path(str(engine.url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", open_connection)
    event.listen(engine, "begin", _begin_sqlite)
    _queues[str(engine.url)] = WriteQueue(
        path.with_name(path.name + ".lock"), wait_seconds=write_wait_seconds
    )


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("peerqa_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_queues: dict[str, WriteQueue] = {}


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one write transaction of a request, command or job; commit at the end.

    Whatever was read before is read again: it may have changed while this writer queued.

    Raises:
        Busy: SQLite's writers did not come to an end in time.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transaction() is open already; services flush, front doors commit")
    session.rollback()
    queue = _queues.get(str(db.engine.url))
    if queue is None or RequestSession.bound_to is not None:
        with _writing(session):
            yield session
        return
    with queue.turn(), _writing(session):
        yield session


@contextmanager
def _writing(session: Session) -> Iterator[None]:
    session.info["writing"] = True
    try:
        session.connection(execution_options={"peerqa_writes": True})
        yield
        for act in session.info.get("last", ()):
            act(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)
        session.info.pop("last", None)


def at_last(session: Session, act: Callable[[Session], None]) -> None:
    """Do something right before the transaction commits, once: what it locks is locked last."""
    session.info.setdefault("last", {})[act] = True


def insert_once(session: Session, table: type[Base], **values: object) -> bool:
    """Insert a row unless a unique constraint has it already; True when this call made it.

    The database decides, so of sixteen threads exactly one hears True.
    """
    statement = _insert(session, table).values(**values).on_conflict_do_nothing()
    # psycopg's count of an INSERT is forgotten unless it is asked for
    options = {"preserve_rowcount": True}
    return session.connection().execute(statement, execution_options=options).rowcount == 1


def insert_missing(session: Session, table: type[Base], rows: Sequence[Values]) -> list[int]:
    """Insert the rows that no unique constraint has already, in one statement.

    Args:
        rows: some hundreds at most, all of the same columns.

    Returns:
        The primary keys of those that this call made.
    """
    if not rows:
        return []
    make = _insert(session, table).values(list(rows)).on_conflict_do_nothing()
    (key,) = inspect(table).primary_key
    return list(session.connection().execute(make.returning(key)).scalars())


def insert_or_renew(
    session: Session,
    table: type[Base],
    keys: Sequence[Values],
    where: ColumnElement[bool],
    renewed: Values,
) -> None:
    """Insert rows, or renew those of these keys, in one statement: no other comes between.

    A unique index is on the keys, of the rows where the condition holds.

    Args:
        keys: some hundreds at most, all of the same columns, none twice; none does nothing.
        renewed: what all of them get.
    """
    if not keys:
        return
    make = _insert(session, table).values([{**key, **renewed} for key in keys])
    session.connection().execute(
        make.on_conflict_do_update(index_elements=[*keys[0]], index_where=where, set_=renewed)
    )


def _insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    session.flush()
    return sqlite.insert(table) if dialect_name(session) == "sqlite" else postgresql.insert(table)


def storable(text: str) -> str:
    """Return the text without what a database refuses: zeros, and halves of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """Return the text as a database takes it, on one line, with single spaces."""
    return " ".join(storable(text).split())


def hold(session: Session, row: Base) -> None:
    """Keep others from changing a row until the transaction ends, and read it as it is then.

    Whoever decides by what stands in a row holds it first: on PostgreSQL two may read the same.
    (SQLite's writers queue before they begin.) Of two rows a question is held before its answer.
    Two statements: one that locks and reads shows joined tables as they were before it waited.
    """
    mapper = inspect(row).mapper.base_mapper
    (key,) = mapper.primary_key
    (row_id,) = mapper.primary_key_from_instance(row)
    session.flush()  # what this transaction has changed is not read over
    if dialect_name(session) != "sqlite":
        session.execute(
            select(key).where(key == row_id).with_for_update(key_share=True)  # replies refer to it
        )
    session.refresh(row)


def dialect_name(session: Session) -> str:
    """Return "sqlite" or "postgresql"."""
    return session.get_bind().dialect.name
