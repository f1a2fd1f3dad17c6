"""`peerqa tune`: learns from an organization, and keeps what wins. Never in a web process."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from indexer.tuning import FEWEST_EXAMPLES, FEWEST_THREADS, MOST_OF_A_PERSON
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, progress, show
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.errors import N_, Conflict
from peerqa.models import Organization
from peerqa.search import gates
from peerqa.search.engine import SearchEngine, patient
from peerqa.search.examples import Examples, read_examples
from peerqa.search.recalibrating import recalibrate
from peerqa.search.tuning import TunedWeights, store_weights, tune_weights
from peerqa.search.undoing import undo_last
from peerqa.services.organizations import get_organization
from peerqa.settings import Settings

_WHY = {
    "too-few": f"too little is known: it takes {FEWEST_EXAMPLES} titles that ask again, of "
    f"{FEWEST_THREADS:g} threads, and nobody counts for more than {MOST_OF_A_PERSON:g}",
    "defaults-best": "the present ones order the titles best",
    "no-better": "what was learned did not clearly win on the threads that were held back",
    "kept": "learned",
}


class TuneRuns(Conflict):
    """One at a time."""

    code = "tune-runs"


@click.command()
@organization_option
@click.option("--dry-run", is_flag=True, help="Say what would be learned, and keep nothing.")
@click.option("--undo", is_flag=True, help="Take the last step back, and learn nothing.")
@json_option
def tune(organization: str | None, dry_run: bool, undo: bool) -> None:
    """Learn from feedback and duplicates: the gate, then the order of the hits.

    What is learned is kept only when it wins on threads that it was not learned from. PeerQA
    serves meanwhile.
    """
    if undo and dry_run:
        raise click.UsageError("--undo takes nothing else.")
    app = open_app()
    settings: Settings = app.extensions["peerqa.settings"]
    engine: SearchEngine = app.extensions["peerqa.search"]
    with _alone(settings.home / "tuning.lock"):
        found = get_organization(db.session(), organization)
        if undo:
            undone = undo_last(db.session(), found, at=utc_now())
            show(undone.as_json(), lines=[undone.sentence])
            return
        encoder = engine.encoders.open()  # without it: says what to do
        _tune(patient(settings, encoder), found, settings, is_dry=dry_run)


def _tune(
    engine: SearchEngine, organization: Organization, settings: Settings, *, is_dry: bool
) -> None:
    began, at = time.monotonic(), utc_now()
    session, model = db.session(), engine.encoders.open().model
    organization_id, name, days = organization.id, organization.name, settings.evidence_days
    if not is_dry:
        recalibrate(engine, organization, at=at, days=days)
    gate = gates.find_row(session, organization, model)
    verdict = gate.verdict if gate else "prior"
    examples = read_examples(session, organization, since=at - timedelta(days=days))
    with progress() as bars:
        bar = bars.add_task("Looking titles up", total=len(examples.examples))
        tuned = tune_weights(
            session, engine, organization, examples, model=model,
            advance=lambda done: bars.update(bar, completed=done),
        )  # fmt: skip
    if tuned.verdict == "kept" and not is_dry:
        store_weights(organization_id, tuned, examples, model=model, at=at)
    show(
        {
            "organization": name,
            "model": model,
            "dry_run": is_dry,
            "evidence": _evidence(examples),
            "gate": {"verdict": verdict},
            "weights": _weights(tuned),
            "seconds": round(time.monotonic() - began, 1),
        },
        lines=_lines(name, examples, verdict, tuned, is_dry=is_dry),
    )


def _evidence(examples: Examples) -> dict[str, object]:
    return {
        "duplicates": examples.duplicates,
        "confirmed": examples.confirmed,
        "contradicting": examples.contradicting,
        "threads": len({each.thread for each in examples.examples}),
    }


def _weights(tuned: TunedWeights) -> dict[str, object]:
    def named(weights: object) -> dict[str, object]:
        return {name: getattr(weights, name) for name in ("agreement", "coverage")}

    return {
        "verdict": tuned.verdict,
        "in_force": named(tuned.weights),
        "before": named(tuned.before),
        "held_back": tuned.comparison.as_json() if tuned.comparison else None,
    }


def _lines(
    name: str, examples: Examples, gate: str, tuned: TunedWeights, *, is_dry: bool
) -> Iterator[str]:
    yield (
        f"{name}: {examples.duplicates} titles of duplicates and {examples.confirmed} that were "
        f"typed and confirmed; {examples.contradicting} contradict others and were left out."
    )
    yield "Gate: " + ("own feedback decides" if gate == "own" else f"the prior decides ({gate})")
    yield f"Order: {_WHY[tuned.verdict]}."
    if (held := tuned.comparison) is not None:
        yield (
            f"On {held.threads} threads that were held back: MRR@10 {held.before:.3f} before, "
            f"{held.after:.3f} after, gain {held.gain:+.3f} [{held.low:+.3f} {held.high:+.3f}]."
        )
    if is_dry:
        yield "Nothing was kept: this was a dry run."


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of this machine; it goes with its holder, so a killed tune blocks nobody.

    Raises:
        TuneRuns: another one holds it.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TuneRuns(
                N_("Another `peerqa tune` is running here. Try again when it has ended.")
            ) from error
        yield
