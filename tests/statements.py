"""What the database was asked, for tests about how often, and about nothing being written."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def noted_statements() -> Iterator[list[str]]:
    """Note every statement of every engine."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def writes(statements: list[str]) -> list[str]:
    """Return those that change rows."""
    return [s for s in statements if s.split(None, 1)[0] in {"INSERT", "UPDATE", "DELETE"}]
