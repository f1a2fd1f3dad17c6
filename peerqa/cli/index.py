"""`peerqa index`: how the search indexes stand. They are a cache; the database has the truth."""

from dataclasses import asdict

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, say, show
from peerqa.database import db
from peerqa.search import maintenance
from peerqa.search.engine import SearchEngine
from peerqa.services.organizations import get_organization


@click.group()
def index() -> None:
    """Look after the search index."""


@index.command()
@json_option
def status() -> None:
    """Show how the index of each organization stands."""
    engine = _open_engine()
    found = maintenance.status(db.session(), engine)
    show(
        {"indexes": [asdict(each) for each in found]},
        lines=[
            f"{each.organization}: {each.indexed_count} of {each.post_count} posts, "
            f"{each.vector_count} vectors of {each.model or 'no model'}"
            + (f"; {each.problem}" if each.problem else "")
            for each in found
        ]
        or ["There is no organization yet."],
    )


@index.command()
@organization_option
@json_option
def check(organization: str | None) -> None:
    """Compare the index with the database; exit 1 when they differ."""
    engine = _open_engine()
    session = db.session()
    report = maintenance.check(session, engine, get_organization(session, organization))
    equal = "The index is equal to the database."
    differs = (
        f"Missing {report.missing_count}, unknown {report.ghost_count}, not yet indexed "
        f"{report.gap_count}, out of sight {report.lost_count}. "
        f"{report.problem or ''} Make it anew with: peerqa index rebuild"
    )
    show(
        asdict(report) | {"is_equal": report.is_equal},
        lines=[equal if report.is_equal else differs],
    )
    if not report.is_equal:
        click.get_current_context().exit(1)


@index.command()
@organization_option
@json_option
def rebuild(organization: str | None) -> None:
    """Make the index anew from the database; look-ups go on meanwhile."""
    engine = _open_engine()
    session = db.session()
    found = get_organization(session, organization)
    say(f"Making the index of {found.name} anew ...")
    count = maintenance.rebuild(session, engine, found)
    show(
        {"organization": found.name, "vectors": count},
        lines=[f"The index of {found.name} has {count} vectors."],
    )


def _open_engine() -> SearchEngine:
    engine = open_app().extensions["peerqa.search"]
    assert isinstance(engine, SearchEngine)
    engine.find_encoder()
    return engine
