"""The schema of the database: brought up to date, compared, dropped back. Uses migrations/.

Every command that needs the database calls migrate_empty(): a new installation just works, while
one with data is migrated when its admin says so (`peerqa migrate`), after a backup.

Alembic is imported by what migrates, and by nothing else: it would take 9 MB of every web process.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

import migrations
from peerqa.errors import N_, PeerQAError

if TYPE_CHECKING:
    from alembic.config import Config

_VERSIONS = Path(str(migrations.__file__)).with_name("versions")
_REVISION = re.compile(r"""^(revision|down_revision)\b[^=\n]*=\s*["'](\w+)["']""", re.MULTILINE)
_MIGRATING = 0x50656572  # the name of a lock: any number that nobody else uses in this database


class SchemaOutdated(PeerQAError):
    """The database was made by another version of PeerQA."""

    code = "schema-outdated"
    status = 503


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision; harmless when it is there already."""
    from alembic import command

    with engine.connect() as connection:
        connection = connection.execution_options(peerqa_writes=True)
        with connection.begin():
            queue(connection)
            command.upgrade(_config(connection), revision)


def migrate_within(connection: Connection) -> None:
    """Bring the schema up to the newest revision, in the transaction that the caller has queued."""
    from alembic import command

    command.upgrade(_config(connection), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the schema back to an older revision."""
    from alembic import command

    with engine.connect() as connection:
        connection = connection.execution_options(peerqa_writes=True)
        with connection.begin():
            queue(connection)
            command.downgrade(_config(connection), revision)


def migrate_empty(engine: Engine) -> None:
    """Migrate a database that has no tables yet.

    Raises:
        SchemaOutdated: it has tables, of another version.
    """
    present = current_revision(engine)
    if present is None:
        migrate(engine)
    elif present != head_revision():
        raise SchemaOutdated(
            N_(
                "The database is at revision %(present)s, not %(head)s. "
                "Back up, then: peerqa migrate"
            ),
            present=present,
            head=head_revision(),
        )


def current_revision(engine: Engine) -> str | None:
    """Return the revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        return revision_within(connection)


def revision_within(connection: Connection) -> str | None:
    """Return the same by a connection that is open."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    present = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if present is None else str(present)


def head_revision() -> str:
    """Return the newest revision that this version of PeerQA knows."""
    said = _read_revisions()
    before = {name for key, name in said if key == "down_revision"}
    (head,) = {name for key, name in said if key == "revision"} - before
    return head


def known_revisions() -> set[str]:
    """Return the revisions that this version of PeerQA can migrate from, and its own."""
    return {name for key, name in _read_revisions() if key == "revision"}


def _read_revisions() -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    for file in _VERSIONS.glob("[0-9]*.py"):
        said += _REVISION.findall(file.read_text("utf-8"))
    return said


def queue(connection: Connection) -> None:
    """Wait until no other process migrates; whoever comes second finds it done.

    SQLite's writers queue by themselves.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS.parent))
    config.attributes["connection"] = connection
    return config
