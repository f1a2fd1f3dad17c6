"""`peerqa tune`: learns from an organization, and keeps what wins. Never in a web process."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from indexer.feedback import MOST_OF_A_PERSON
from indexer.tuning import FEWEST_EXAMPLES, FEWEST_THREADS, Comparison
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, progress, show
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.errors import N_, Conflict
from peerqa.models import Organization
from peerqa.search import gates
from peerqa.search.engine import SearchEngine, patient
from peerqa.search.examples import Examples, read_examples
from peerqa.search.generations import Watch
from peerqa.search.recalibrating import recalibrate
from peerqa.search.retraining import Retrained, check_tunable, retrain
from peerqa.search.tuning import TunedWeights, store_weights, tune_weights
from peerqa.search.undoing import undo_last
from peerqa.services.organizations import get_organization
from peerqa.settings import Settings

_WHY = {
    "too-few": f"too little is known: it takes {FEWEST_EXAMPLES} titles that ask again, of "
    f"{FEWEST_THREADS:g} threads, and nobody counts for more than {MOST_OF_A_PERSON:g}",
    "defaults-best": "the present weights order the titles best",
    "no-better": "what was learned did not clearly win on the threads that were held back",
    "kept": "learned",
}


class TuneRuns(Conflict):
    """One at a time."""

    code = "tune-runs"


@click.command()
@organization_option
@click.option("--fine-tune", is_flag=True, help="Train a model of its own, too: minutes to hours.")
@click.option("--dry-run", is_flag=True, help="Say what would be learned, and keep nothing.")
@click.option("--undo", is_flag=True, help="Take the last step back, and learn nothing.")
@json_option
def tune(organization: str | None, fine_tune: bool, dry_run: bool, undo: bool) -> None:
    """Learn from feedback and duplicates: the gate, the order of the hits, a model.

    What is learned is kept only when it wins on threads that it was not learned from. PeerQA
    serves meanwhile.
    """
    if undo and (dry_run or fine_tune):
        raise click.UsageError("--undo takes nothing else.")
    app = open_app()
    settings: Settings = app.extensions["peerqa.settings"]
    engine: SearchEngine = app.extensions["peerqa.search"]
    with _alone(settings.home / "tuning.lock"):
        found = get_organization(db.session(), organization)
        if undo:
            with _watching() as watch:
                undone = undo_last(db.session(), engine, found, settings, at=utc_now(), watch=watch)
            show(undone.as_json(), lines=[undone.sentence])
            return
        encoder = engine.encoders.open()  # without it: says what to do
        if fine_tune:
            check_tunable(db.session(), settings)  # before anything takes time
        _tune(patient(settings, encoder), found, settings, is_dry=dry_run, with_model=fine_tune)


def _tune(
    engine: SearchEngine,
    organization: Organization,
    settings: Settings,
    *,
    is_dry: bool,
    with_model: bool,
) -> None:
    began, at = time.monotonic(), utc_now()
    session, model, days = db.session(), engine.encoders.open().model, settings.evidence_days
    organization_id, name = organization.id, organization.name
    if not is_dry:
        recalibrate(engine, organization, at=at, days=days)
    verdict, retrained = _verdict_of_gate(organization, model), None
    examples = read_examples(session, organization, since=at - timedelta(days=days))
    with _watching() as watch:
        tuned = tune_weights(
            session, engine, organization, examples, model=model,
            advance=watch("Looking titles up", len(examples.examples)),
        )  # fmt: skip
        if tuned.verdict == "kept" and not is_dry:
            store_weights(organization_id, tuned, examples, model=model, at=at)
            engine.weights.forget()
        if with_model:
            retrained = retrain(
                session, engine, organization, examples, settings, is_dry=is_dry, watch=watch
            )
    show(
        {
            "organization": name,
            "model": model,
            "dry_run": is_dry,
            "evidence": _evidence(examples),
            "gate": {"verdict": verdict},
            "weights": _weights(tuned),
            "fine_tuned": _retrained(retrained) if retrained else None,
            "seconds": round(time.monotonic() - began, 1),
        },
        lines=_lines(name, examples, verdict, tuned, retrained, is_dry=is_dry),
    )


def _verdict_of_gate(organization: Organization, model: str) -> str:
    row = gates.find_row(db.session(), organization, model)
    return row.verdict if row else "prior"


def _retrained(made: Retrained) -> dict[str, object]:
    return {
        "verdict": made.verdict,
        "before": made.before,
        "serves": made.after,
        "pairs": made.pairs,
        "held_back": made.comparison.as_json() if made.comparison else None,
    }


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
    name: str,
    examples: Examples,
    gate: str,
    tuned: TunedWeights,
    made: Retrained | None,
    *,
    is_dry: bool,
) -> Iterator[str]:
    yield (
        f"{name}: {examples.duplicates} titles of duplicates and {examples.confirmed} that were "
        f"typed and confirmed; {examples.contradicting} contradict others and were left out."
    )
    yield "Gate: " + ("own feedback decides" if gate == "own" else f"the prior decides ({gate})")
    yield f"Order: {_WHY[tuned.verdict]}."
    yield from _compared(tuned.comparison)
    if made is not None:
        yield f"Model: {_WHY[made.verdict]}; {made.after} serves."
        yield from _compared(made.comparison)
    if is_dry:
        yield "Nothing was kept: this was a dry run."


def _compared(held: Comparison | None) -> Iterator[str]:
    if held is not None:
        yield (
            f"On {held.threads} threads that were held back: MRR@10 {held.before:.3f} before, "
            f"{held.after:.3f} after, gain {held.gain:+.3f} [{held.low:+.3f} {held.high:+.3f}]."
        )


@contextmanager
def _watching() -> Iterator[Watch]:
    """Give what makes a bar for each thing that takes time, and moves it on."""
    with progress() as bars:

        def watch(what: str, total: int) -> Callable[[int], None]:
            bar = bars.add_task(what, total=total)
            return lambda done: bars.update(bar, completed=done)

        yield watch


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
