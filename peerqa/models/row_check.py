"""A condition that each row found is checked by, and that finds none.

SQLite has no statistics, and takes every index for a narrow one. Of the conditions "of this
organization" and "of this id" it may choose the first, and read all posts of a company to find one
question; for a list of twenty it sorts all of them. To gather statistics does not mend it: in the
moment that a running company has for it, one organization looks like a thousand rows. So such a
condition is hidden in a CASE ("disqualified", https://www.sqlite.org/queryplanner-ng.html).
PostgreSQL has statistics, and sees it bare: what holds hundreds of organizations runs there.
"""

from sqlalchemy import Boolean, ColumnElement, and_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _RowCheck(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


def row_check(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return that all of these hold, as a condition that no index is chosen for."""
    return _RowCheck(and_(*conditions))


@compiles(_RowCheck)
def _bare(element: _RowCheck, compiler: SQLCompiler, **how: object) -> str:
    return f"({compiler.process(element.clauses.clauses[0], **how)})"


@compiles(_RowCheck, "sqlite")
def _hidden(element: _RowCheck, compiler: SQLCompiler, **how: object) -> str:
    return f"CASE WHEN {_bare(element, compiler, **how)} THEN 1 ELSE 0 END"
