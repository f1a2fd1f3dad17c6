"""How a command comes to the app and its database."""

from collections.abc import Callable

import click
from flask import Flask

from peerqa import schema
from peerqa.database import db

MakeApp = Callable[..., Flask]  # takes with_doors; without them unless told otherwise


def open_app(*, with_tables: bool = True) -> Flask:
    """Make the app and enter its context until the command ends.

    Args:
        with_tables: migrate an empty database first, and refuse one of another version.
    """
    context = click.get_current_context()
    make_app: MakeApp = context.find_root().obj
    app = make_app()
    context.with_resource(app.app_context())
    if with_tables:
        schema.migrate_empty(db.engine)
        require_vectors(app)
    return app


def require_vectors(app: Flask) -> None:
    """Refuse to begin where vectors are to be in a database that knows none.

    Raises:
        IndexUnsupported: with what to do.
    """
    if app.extensions["peerqa.settings"].vectors == "pgvector":
        from peerqa.search import pgvector

        pgvector.require_vectors()
