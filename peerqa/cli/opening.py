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
    return app
