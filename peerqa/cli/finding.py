"""`peerqa similar` and `peerqa search`: what everybody in an organization would find."""

from collections.abc import Iterator, Sequence

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, show
from peerqa.database import db
from peerqa.search.as_json import found_as_json, results_as_json
from peerqa.search.engine import SearchEngine, patient
from peerqa.search.hits import Hit, Reader, reader_of_organization
from peerqa.services.organizations import get_organization
from peerqa.settings import Settings

STATES = {"very_likely": "very likely", "possibly": "possibly", None: "related"}


@click.command()
@click.argument("text")
@click.option("--body", default="", help="More of the question than its title.")
@organization_option
@json_option
def similar(text: str, body: str, organization: str | None) -> None:
    """Show up to three earlier questions that answer TEXT, and silence when unsure."""
    engine, reader, address = _open(organization)
    found = engine.similar(db.session(), reader, title=text, body=body)
    show(found_as_json(found, address), lines=_lines([*found.hits, *found.related]))


@click.command()
@click.argument("text")
@organization_option
@json_option
def search(text: str, organization: str | None) -> None:
    """Search questions and answers by meaning and by words."""
    engine, reader, address = _open(organization)
    results = engine.search(db.session(), reader, query=text)
    show(results_as_json(results, address), lines=_lines(results.hits))


def _open(organization: str | None) -> tuple[SearchEngine, Reader, str]:
    app = open_app()
    settings: Settings = app.extensions["peerqa.settings"]
    engine: SearchEngine = app.extensions["peerqa.search"]
    if encoder := engine.find_encoder():
        engine = patient(settings, encoder)
    reader = reader_of_organization(get_organization(db.session(), organization))
    return engine, reader, settings.address


def _lines(hits: Sequence[Hit]) -> Iterator[str]:
    if not hits:
        yield "Nothing near was found."
    for hit in hits:
        likely = f" ({hit.probability:.0%})" if hit.probability is not None else ""
        yield f"{STATES[hit.state] + likely:20} #{hit.question.id} {hit.question.title}"
        if hit.passage is not None:
            yield f"{'':20} “{hit.passage.text}”"
