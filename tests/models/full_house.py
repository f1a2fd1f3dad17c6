"""A row in every table, made from the columns themselves, so that no table can be forgotten."""

from sqlalchemy import LargeBinary, Table, insert, text
from sqlalchemy.orm import Session

from peerqa.database import Base, StorableText, UtcDateTime
from tests.conftest import NOON

KINDS = ("question", "answer", "comment")  # posts, by id
VALUES = {  # where any value of the type would not do
    "post": {"kind": "question"},
    "organization": {"precision_target": 0.8},
    "mail_setting": {"quiet_until": 2},
}


def fill(session: Session) -> None:
    """Put one row into each table, each with all its references, and words for the post."""
    for table in Base.metadata.sorted_tables:
        for values in _rows_of(table):
            session.execute(insert(table), values)
    session.execute(text("UPDATE question SET accepted_id = 2, duplicate_of_id = 1"))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO words (rowid, title, scope) VALUES (1, 'printer', 'o1')"))
    else:
        session.execute(text("INSERT INTO words VALUES (1, 1, to_tsvector('printer'))"))


def _rows_of(table: Table) -> list[dict[str, object]]:
    values = {column.name: _value(column) for column in table.columns}
    values.update(VALUES.get(table.name, {}))
    if table.name == "post":
        return [{**values, "id": i, "kind": kind} for i, kind in enumerate(KINDS, 1)]
    if table.name in KINDS:
        values["id"] = KINDS.index(table.name) + 1
    if table.name == "question":
        values.update(accepted_id=None, duplicate_of_id=None)
    return [values]


def _value(column) -> object:
    if column.foreign_keys:
        return 2 if next(iter(column.foreign_keys)).column.table.name == "answer" else 1
    if isinstance(column.type, LargeBinary):
        return b"\x00\x01"
    if isinstance(column.type, UtcDateTime):
        return NOON
    if isinstance(column.type, StorableText):
        return f"{column.name} ü"
    return {int: 1, bool: True, float: 0.5, object: {"a": 1}}[column.type.python_type]  # JSON
