"""`peerqa migrate`: said by an admin, after a backup; an empty database is filled unasked."""

import click

from peerqa import schema
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, show
from peerqa.database import db


@click.command()
@json_option
def migrate() -> None:
    """Bring the database up to this version of PeerQA. Make a backup first."""
    open_app(with_tables=False)
    before = schema.current_revision(db.engine)
    schema.migrate(db.engine)
    after = schema.current_revision(db.engine)
    said = "was there already" if before == after else f"came from {before or 'an empty database'}"
    show({"before": before, "after": after}, lines=[f"The database is at {after}; it {said}."])
