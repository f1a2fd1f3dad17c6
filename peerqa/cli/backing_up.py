"""`peerqa backup` and `peerqa restore`."""

from pathlib import Path

import click
from flask import Flask

from peerqa import backups, restoring, schema
from peerqa.backups import BackupFailed, Contents
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, show
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_
from peerqa.services import audit
from peerqa.services.moderating.audit_acts import Source
from peerqa.services.organizations import list_organizations
from peerqa.settings import read_settings

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
@json_option
def backup(file: Path) -> None:
    """Write database and instance key into FILE (.tar.gz), while PeerQA serves.

    Whoever has the file can read everything and sign as this installation: keep it safe. Of
    PostgreSQL it holds the key alone; dump that with pg_dump.
    """
    app: Flask = open_app(with_tables=False)
    if schema.current_revision(db.engine) is None:
        raise BackupFailed(N_("The database is empty. Is PEERQA_HOME the right folder?"))
    contents = backups.write_backup(
        file.absolute(),
        settings=app.extensions["peerqa.settings"],
        engine=db.engine,
        key=app.extensions["peerqa.key"],
        at=utc_now(),
    )
    _note(contents)
    size = file.stat().st_size
    show(
        {"file": str(file), "bytes": size, **_said(contents)},
        lines=[f"{file} ({size / 1e6:.1f} MB) holds:", *_lines(contents)],
    )


def _note(contents: Contents) -> None:
    """Write into every organization's audit trail that its data left; an older schema has none."""
    if contents.revision != schema.head_revision() or not contents.has_database:
        return
    with transaction() as session:
        for organization in list_organizations(session):
            audit.record(
                session, "backup.written", by=Source.COMMAND, organization=organization,
                at=utc_now(),
            )  # fmt: skip


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Move data that is there aside, beside the new.")
@json_option
def restore(file: Path, replace: bool) -> None:
    """Bring back what FILE holds, into PEERQA_HOME; PeerQA must not be running.

    A folder with data is refused unless --replace is given.
    """
    restored = restoring.restore(
        file.absolute(), settings=read_settings(), replaces=replace, at=utc_now()
    )
    lines = [f"Restored, as of {restored.contents.made_at}:", *_lines(restored.contents)]
    lines += [f"What was there is now {path}." for path in restored.moved_aside]
    if restored.needs_migration:
        lines.append("It was made by an older version. Now run: peerqa migrate")
    show(
        {
            **_said(restored.contents),
            "moved_aside": [str(path) for path in restored.moved_aside],
            "needs_migration": restored.needs_migration,
        },
        lines=lines,
    )


def _said(contents: Contents) -> dict[str, object]:
    return {
        "made_at": contents.made_at,
        "version": contents.version,
        "revision": contents.revision,
        "has_database": contents.has_database,
        "has_key": contents.has_key,
    }


def _lines(contents: Contents) -> list[str]:
    database = (
        f"  the database, at revision {contents.revision}"
        if contents.has_database
        else "  NO DATABASE: it is PostgreSQL; save it with pg_dump, bring it back with pg_restore"
    )
    key = (
        "  the instance key: who has it can sign as this installation"
        if contents.has_key
        else "  no instance key: it came from PEERQA_SECRET_KEY, which you keep yourself"
    )
    return [database, key, "  not the search index and the model, which are made anew"]
