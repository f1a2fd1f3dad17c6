"""`peerqa copy-database`: from one machine to several."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import make_url

from peerqa import copying
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, progress, show
from peerqa.copying_ends import BadDatabase
from peerqa.errors import N_
from peerqa.settings import Settings


@click.command()
@click.argument("to", metavar="POSTGRESQL_URL")
@click.option(
    "--from", "source", type=click.Path(path_type=Path),
    help="SQLite file to copy. Default: the one that the settings name.",
)  # fmt: skip
@json_option
def copy_database(to: str, source: Path | None) -> None:
    """Copy SQLite into an empty PostgreSQL, and compare every row; PeerQA must not be running.

    It is copied as a whole or not at all, and what is copied from stays as it is. A password is
    better kept in ~/.pgpass or PGPASSWORD than in POSTGRESQL_URL.
    """
    settings: Settings = open_app(with_tables=False).extensions["peerqa.settings"]
    path = source.absolute() if source else _database_of(settings)
    with progress() as bars:
        tasks: dict[str, object] = {}

        def tell(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = bars.add_task(table, total=total)
            bars.update(tasks[table], completed=done)  # type: ignore[arg-type]  # rich's own number

        copied = copying.copy_database(path, to, tell=tell)
    rows = sum(table.rows for table in copied.values())
    also = list(_also_to_move(settings))
    show(
        {
            "from": str(path),
            "rows": rows,
            "tables": {
                name: {"rows": table.rows, "digest": table.digest} for name, table in copied.items()
            },
            "also_move": also,
        },
        lines=[
            f"{rows} rows in {len(copied)} tables were copied, and read back equal.",
            "What else every host needs:",
            *(f"  {each}" for each in also),
        ],
    )


def _database_of(settings: Settings) -> Path:
    url = make_url(settings.database_address)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BadDatabase(N_("PEERQA_DATABASE_URL names no SQLite. Name the file with --from."))
    return Path(url.database)


def _also_to_move(settings: Settings) -> Iterator[str]:
    """Say what is not in the database. Pictures are."""
    if settings.secret_key is not None:
        yield "PEERQA_SECRET_KEY, the same as now"
    else:
        yield (
            f"PEERQA_SECRET_KEY=$(cat {settings.home / 'instance.key'}): without this key nobody "
            "stays signed in, and what is sealed in the database stays closed"
        )
    yield "PEERQA_DATABASE_URL, the PostgreSQL, and PEERQA_VECTORS=pgvector"
    yield f"the model: {settings.model_dir}, or peerqa model prepare on each"
