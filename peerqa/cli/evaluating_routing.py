"""`peerqa eval-routing`: how well those who know are found, on a history that is replayed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import click
from flask import Flask
from sqlalchemy.orm import Session

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, say, show
from peerqa.database import db
from peerqa.evaluation.histories import History, bring_in, read_history
from peerqa.evaluation.routing import Part, replay
from peerqa.search.engine import patient
from peerqa.search.expertise import numbers_of
from peerqa.search.hits import Reader
from peerqa.services.organizations import get_organization
from peerqa.temporary_home import temporary_home

_HEADS = ("hit@3", "mrr", "coverage", "gini")


@click.command("eval-routing")
@click.argument("dump", required=False, metavar="[DUMP]", type=click.Path(path_type=Path))
@click.option(
    "--part", type=click.Choice(["earlier", "later", "all"]), default="later", show_default=True,
    help="Of the questions, by date: tune on the earlier ones, report the later ones.",
)  # fmt: skip
@organization_option
@json_option
def evaluate_routing(dump: Path | None, part: str, organization: str | None) -> None:
    """Replay who asked and answered what, and measure how well routing finds those who know.

    DUMP is a Stack Exchange data dump: a folder, .zip or .7z. It is imported into a temporary home.
    Without it, what happened in this installation is replayed; nothing of it is changed.
    """
    if dump is None:
        app = open_app()
        session = db.session()
        history = read_history(session, get_organization(session, organization))
        show(figures := _replay(app, session, history, part), lines=_lines(figures))
        return
    if organization is not None:
        raise click.UsageError("--organization is for the history of this installation.")
    make_app = click.get_current_context().find_root().obj
    with temporary_home(make_app, prefix="peerqa-eval-") as app:
        history = bring_in(app, dump, say)
        figures = _replay(app, db.session(), history, part)
    show(figures, lines=_lines(figures))


def _replay(app: Flask, session: Session, history: History, part: str) -> Mapping[str, Any]:
    settings = app.extensions["peerqa.settings"]
    engine = app.extensions["peerqa.search"]
    encoder = engine.find_encoder()
    engine = patient(settings, encoder) if encoder else engine
    organization = get_organization(session)
    reader = Reader(
        history.organization_id, organization.precision_target, organization.language, frozenset()
    )
    return replay(
        session, engine, reader, history, numbers=numbers_of(settings), part=cast("Part", part)
    )


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{figures['questions']} questions ({figures['part']} by date), {figures['people']} people "
        "who answer; three are asked about each."
    )
    yield f"{'':14}" + "".join(f"{head:>10}" for head in _HEADS)
    for name, row in figures["methods"].items():
        cells = (f"{row[head]:>10.3f}" if head in row else " " * 10 for head in _HEADS)
        yield f"{name:14}" + "".join(cells)
    yield f"Places that went to newcomers: {figures['newcomers']:.1%} of all."
    if figures["by_words_only"]:
        yield "There is no model: near was found by words alone."
