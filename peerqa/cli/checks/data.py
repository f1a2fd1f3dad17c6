"""Checks that ask the database, after the one that says whether it can be asked."""

import shlex
from collections.abc import Callable, Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from indexer.errors import IndexUnavailable
from peerqa import outbox, schema
from peerqa.cli.checks.finding import Finding, State
from peerqa.clock import utc_now
from peerqa.database import FIXED_SQLITE, db
from peerqa.models import OutboxRow
from peerqa.search import gates, maintenance, pgvector
from peerqa.search.languages import is_multilingual, languages_of
from peerqa.services.organizations import list_organizations

OVERDUE = timedelta(minutes=2)


def check_database(_app: Flask) -> Iterator[Finding]:
    """Check that it answers, has the tables of this version, and is opened to be durable."""
    try:
        present, head = schema.current_revision(db.engine), schema.head_revision()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        yield Finding(
            "database",
            State.FAIL,
            f"cannot be used: {reason}",
            "Check PEERQA_DATABASE_URL, and that the server runs.",
        )
        return
    kind = db.engine.dialect.name
    if present is None:
        yield Finding("database", State.WARN, f"{kind}, empty", "peerqa serve fills it.")
    elif present != head:
        yield Finding(
            "database",
            State.FAIL,
            f"{kind} at revision {present}; this version needs {head}",
            "Make a backup, then: peerqa migrate",
        )
    else:
        yield Finding("database", State.OK, f"{kind} at revision {present}")
    if kind == "sqlite":
        yield from _check_sqlite()


def _check_sqlite() -> Iterator[Finding]:
    session = db.session()
    version = str(session.scalar(text("SELECT sqlite_version()")))
    journal = session.scalar(text("PRAGMA journal_mode"))
    synchronous = session.scalar(text("PRAGMA synchronous"))
    if tuple(int(part) for part in version.split(".")) < FIXED_SQLITE:
        yield Finding(
            "sqlite",
            State.FAIL,
            f"SQLite {version} can corrupt a database in WAL mode",
            "Install pysqlite3 0.6.1 or newer, or SQLite 3.51.3 or newer.",
        )
    elif journal != "wal" or synchronous != 2:
        yield Finding(
            "sqlite",
            State.FAIL,
            f"SQLite {version} with journal {journal}, synchronous {synchronous}",
            "Put PEERQA_HOME on a local disk: network folders cannot keep a WAL.",
        )
    else:
        yield Finding("sqlite", State.OK, f"SQLite {version}, WAL, every commit on disk")


def check_organizations(_app: Flask) -> Iterator[Finding]:
    """Check that there is an organization at all."""
    names = [organization.name for organization in list_organizations(db.session())]
    if names:
        yield Finding("organization", State.OK, ", ".join(names))
    else:
        yield Finding(
            "organization",
            State.WARN,
            "there is none yet",
            "peerqa admin create --organization NAME --email ADDRESS",
        )


def check_vectors(app: Flask) -> Iterator[Finding]:
    """Check that the database can hold vectors, where it shall."""
    if app.extensions["peerqa.settings"].vectors != "pgvector":
        return
    try:
        version = pgvector.require_vectors()
    except IndexUnavailable as error:
        said, _, remedy = str(error).partition(". ")
        yield Finding("vectors", State.FAIL, said, remedy)
    else:
        yield Finding("vectors", State.OK, f"pgvector {version}, searched by every host")


def check_indexes(app: Flask) -> Iterator[Finding]:
    """Check that every post can be found by meaning."""
    for each in maintenance.status(db.session(), app.extensions["peerqa.search"]):
        said = f"{each.organization}: {each.indexed_count} of {each.post_count} posts"
        if each.problem:
            yield Finding("index", State.WARN, f"{said}; {each.problem}", "peerqa index rebuild")
        elif each.indexed_count < each.post_count:
            yield Finding("index", State.WARN, said, "The worker goes on with it.")
        else:
            yield Finding("index", State.OK, said)


def check_gates(app: Flask) -> Iterator[Finding]:
    """Check that what was learned from feedback can be judged by."""
    session = db.session()
    encoder = app.extensions["peerqa.search"].find_encoder()
    for organization in list_organizations(session):
        rows = gates.list_rows(session, organization)
        damaged = [row for row in rows if gates.is_damaged(row)]
        others = [row.model for row in rows if encoder and row.model != encoder.model]
        if damaged:
            yield Finding(
                "gate",
                State.WARN,
                f"{organization.name}: what was learned is damaged; the prior decides",
                f"peerqa gate fit --organization {shlex.quote(organization.name)}",
            )
        elif others:
            yield Finding(
                "gate",
                State.OK,
                f"{organization.name}: not used, learned for another model: {', '.join(others)}",
            )


def check_languages(app: Flask) -> Iterator[Finding]:
    """Check that the model is made for the language that people write in, by their newest posts."""
    if is_multilingual(app.extensions["peerqa.settings"].model):
        return
    session = db.session()
    for organization in list_organizations(session):
        found = languages_of(session, organization)
        if found.are_many:
            yield Finding(
                "language",
                State.WARN,
                f"{organization.name}: {found.others} of {found.judged} posts are not in English, "
                "for which the model is made; they are found less well",
                "Set PEERQA_MODEL to a multilingual model, then: peerqa model prepare",
            )


def check_outbox(_app: Flask) -> Iterator[Finding]:
    """Check that what was asked for is done."""
    session = db.session()
    overdue = session.scalar(
        select(func.count())
        .select_from(OutboxRow)
        .where(OutboxRow.dead_at.is_(None), OutboxRow.due_at < utc_now() - OVERDUE)
    )
    waiting = sum(outbox.count_waiting(session).values())
    if overdue:
        yield Finding(
            "outbox", State.WARN, f"{waiting} wait, {overdue} of them too long", "Start a worker."
        )
    else:
        yield Finding("outbox", State.OK, f"{waiting} wait")
    if dead := len(outbox.list_dead(session)):
        yield Finding(
            "outbox",
            State.WARN,
            f"{dead} were given up",
            "peerqa outbox list says why; peerqa outbox revive ID tries again.",
        )


CHECKS: tuple[Callable[[Flask], Iterator[Finding]], ...] = (
    check_database,
    check_organizations,
    check_vectors,
    check_indexes,
    check_gates,
    check_languages,
    check_outbox,
)
