"""`peerqa import`: questions and answers from elsewhere, and back out again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, progress, say, show
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.services.exchange.batches import write_batch
from peerqa.services.exchange.csv_threads import read_csv
from peerqa.services.exchange.dump import open_dump
from peerqa.services.exchange.preparing import Target, check_target, recall, render_texts
from peerqa.services.exchange.report import Report, Step, UndoReport
from peerqa.services.exchange.spool import Spool, open_spool
from peerqa.services.exchange.stackexchange import read_stackexchange
from peerqa.services.exchange.undoing import undo_batch
from peerqa.settings import Settings

Command = TypeVar("Command", bound=Callable[..., None])
Read = Callable[[Spool, Step], None]


class _DryRun(Exception):
    """Ends the transaction of a dry run, so that nothing of it stays."""


@click.group()
def group() -> None:
    """Bring in questions and answers from elsewhere; each import can be undone."""


def _import_options(command: Command) -> Command:
    """Add what every import takes."""
    for option in (
        json_option,
        click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing."),
        click.option("--space", required=True, metavar="NAME", help="Made when missing."),
        click.option(
            "--organization", metavar="NAME", help="Made when missing; else the only one is meant."
        ),
        click.argument("path", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


@group.command()
@_import_options
def stackexchange(path: Path, organization: str | None, space: str, dry_run: bool) -> None:
    """Import a Stack Exchange data dump: a folder, .zip or .7z of its XML files."""

    def read(spool: Spool, step: Step) -> None:
        with open_dump(path, spool.folder) as dump:
            read_stackexchange(dump, spool, at=utc_now(), step=step)

    _import(Target(organization, space, "stackexchange"), read, is_dry_run=dry_run)


@group.command()
@_import_options
def csv(path: Path, organization: str | None, space: str, dry_run: bool) -> None:
    """Import a CSV file: a row is a question with its answer, or one more answer."""

    def read(spool: Spool, step: Step) -> None:
        read_csv(path, spool, at=utc_now(), step=step)

    target = Target(organization, space, "csv", in_space=True)
    _import(target, read, is_dry_run=dry_run)


@group.command()
@click.argument("batch", type=int)
@click.option("--force", is_flag=True, help="Also remove what colleagues have added since.")
@json_option
def undo(batch: int, force: bool) -> None:
    """Take an import back: what it added goes, what it changed is as before."""
    open_app()
    with transaction() as session:
        report = undo_batch(session, batch, is_forced=force, at=utc_now())
    show(asdict(report), lines=_undo_lines(report))


def _import(target: Target, read: Read, *, is_dry_run: bool) -> None:
    app = open_app()
    settings: Settings = app.extensions["peerqa.settings"]
    check_target(db.session(), target)
    db.session.rollback()
    with _bars() as step, open_spool(settings.home) as spool:
        read(spool, step)
        mark = recall(db.session(), spool, target)
        db.session.rollback()
        if not is_dry_run:
            render_texts(spool, step=step)
        try:
            with transaction() as session:
                report = write_batch(session, spool, target, mark=mark, at=utc_now(), step=step)
                if is_dry_run:
                    raise _DryRun
        except _DryRun:
            report.dry_run, report.batch = True, None
    for sentence in report.sentences():
        say(sentence)
    show(_result(report), lines=_lines(report))


@contextmanager
def _bars() -> Iterator[Step]:
    """Open a bar for each thing that takes long."""
    with progress() as bars:
        tasks = {}

        def step(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label)
            bars.update(tasks[label], completed=done, total=total)

        yield step


def _result(report: Report) -> dict[str, object]:
    counts = {name: asdict(count) for name, count in report.counts().items()}
    return {
        **counts,
        "batch": report.batch,
        "dry_run": report.dry_run,
        "notices": report.sentences(),
    }


def _lines(report: Report) -> Iterator[str]:
    for name, count in report.counts().items():
        figures = ", ".join(f"{number} {word}" for word, number in vars(count).items() if number)
        yield f"{name}: {figures or 'none'}"
    if report.dry_run:
        yield "A dry run: nothing was changed."
    elif report.batch is None:
        yield "Everything was here already: nothing was changed."
    else:
        yield f"To take it back: peerqa import undo {report.batch}"


def _undo_lines(report: UndoReport) -> Iterator[str]:
    figures = ", ".join(f"{count} {name}" for name, count in report.removed.items() if count)
    yield f"Import {report.batch} was undone: removed {figures or 'nothing'}."
    if report.restored:
        yield f"{report.restored} things are as they were before it."
