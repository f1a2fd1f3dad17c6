"""`peerqa gate`: how sure an organization's look-ups must be, and what they learned."""

from collections.abc import Iterator, Mapping

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, show
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import FittedGate, Organization
from peerqa.search import gates
from peerqa.search.engine import SearchEngine
from peerqa.search.recalibrating import recalibrate
from peerqa.services.moderating.audit_acts import Source
from peerqa.services.organizations import get_organization, set_precision_target
from peerqa.settings import Settings


@click.group()
def gate() -> None:
    """See and set how sure an earlier answer must be to be shown."""


@gate.command("show")
@organization_option
@json_option
def show_gate(organization: str | None) -> None:
    """Show the target, and what was learned from feedback and duplicates."""
    engine: SearchEngine = open_app().extensions["peerqa.search"]
    _say(engine, get_organization(db.session(), organization))


@gate.command()
@organization_option
@json_option
def fit(organization: str | None) -> None:
    """Learn from feedback and duplicates now, as the worker does every night."""
    app = open_app()
    settings: Settings = app.extensions["peerqa.settings"]
    engine: SearchEngine = app.extensions["peerqa.search"]
    engine.encoders.open()  # without it: says what to do
    found = get_organization(db.session(), organization)
    recalibrate(engine, found, at=utc_now(), days=settings.evidence_days)
    _say(engine, get_organization(db.session(), organization))


@gate.command()
@click.argument("percent", type=float)
@organization_option
@json_option
def target(percent: float, organization: str | None) -> None:
    """Set how many of a hundred shown answers should be right: 40 to 99."""
    engine: SearchEngine = open_app().extensions["peerqa.search"]
    with transaction() as session:
        found = get_organization(session, organization)
        set_precision_target(
            session, organization=found, target=percent / 100, by=Source.COMMAND, at=utc_now()
        )
    _say(engine, get_organization(db.session(), organization))


def _say(engine: SearchEngine, organization: Organization) -> None:
    encoder = engine.find_encoder()
    rows = gates.list_rows(db.session(), organization)
    found = [
        _as_json(row, serves=encoder is not None and row.model == encoder.model) for row in rows
    ]
    show(
        {
            "organization": organization.name,
            "target": organization.precision_target,
            "gates": found,
        },
        lines=_lines(organization, found),
    )


def _as_json(row: FittedGate, *, serves: bool) -> dict[str, object]:
    return {
        "model": row.model,
        "serves": serves,
        "verdict": "damaged" if gates.is_damaged(row) else row.verdict,
        "bias": row.bias,
        "similarity": row.similarity,
        "gap": row.gap,
        "confirmed": row.confirmed_count,
        "refused": row.refused_count,
        "duplicates": row.duplicate_count,
        "fitted_at": row.fitted_at.isoformat(),
        "measured": row.measured,
    }


def _lines(organization: Organization, found: list[dict[str, object]]) -> Iterator[str]:
    yield f"{organization.name}: target {organization.precision_target:.0%}"
    if not found:
        yield "Nothing was learned yet; the prior decides. Learn now with: peerqa gate fit"
    for each in found:
        yield _line(each)


def _line(each: Mapping[str, object]) -> str:
    judge = "own feedback decides" if each["verdict"] == "own" else f"prior ({each['verdict']})"
    place = "" if each["serves"] else ", does not serve now"
    return (
        f"{each['model']}{place}: {judge}; {each['confirmed']} confirmed, {each['refused']} "
        f"refused, {each['duplicates']} duplicates; learned {each['fitted_at']}"
    )
