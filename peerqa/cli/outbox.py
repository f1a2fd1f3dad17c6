"""`peerqa outbox`: what waits to be done behind the pages, and what was given up."""

import click

from peerqa import outbox as rows
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, show
from peerqa.clock import utc_now
from peerqa.database import db, transaction


@click.group()
def outbox() -> None:
    """See what waits to be done, and try again what failed."""


@outbox.command("list")
@json_option
def list_rows() -> None:
    """Show how much waits, and what was given up and why."""
    open_app()
    waiting = rows.count_waiting(db.session())
    dead = rows.list_dead(db.session())
    show(
        {
            "waiting": waiting,
            "dead": [
                {
                    "id": row.id,
                    "topic": row.topic,
                    "key": row.key,
                    "attempts": row.attempts,
                    "error": row.error,
                    "dead_at": row.dead_at.isoformat() if row.dead_at else None,
                }
                for row in dead
            ],
        },
        lines=[
            *(f"{topic}: {count} waiting" for topic, count in sorted(waiting.items())),
            *(f"#{row.id} {row.topic} {row.key}: given up, {row.error}" for row in dead),
        ]
        or ["Nothing waits, and nothing was given up."],
    )


@outbox.command()
@click.argument("row", type=click.IntRange(min=1), metavar="ID")
@json_option
def revive(row: int) -> None:
    """Try again what was given up, by its ID in the list."""
    open_app()
    with transaction() as session:
        rows.revive(session, row, at=utc_now())
    show({"revived": row}, lines=[f"#{row} is tried again."])
