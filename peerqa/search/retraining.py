"""A model of the organization's own: trained, compared as it would serve, and put in place.

A model is one for the whole installation, so one is trained only where there is one organization:
elsewhere, what one of them wrote would shape how another's posts are found. It is trained on what
the whole organization may read and somebody stands for; closed spaces and anonymous posts are
left out.

The fine-tuned model is always prepared as it would serve, in 8 bits, and its vectors stand beside
those of the model that serves before the two are compared: by the same look-ups, on threads that
were held back. Only a winner is put in place, when its index is complete; of any other nothing
is left. What a killed run left goes at the next one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import structlog
from sqlalchemy.orm import Session

from indexer import artefact
from indexer.fine_tuning import Pair, check_libraries, count_steps, fine_tune
from indexer.prepare import find_source, prepare
from indexer.tuning import Comparison, compare, is_held_back, weigh
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Conflict
from peerqa.models import Organization, Tuning
from peerqa.search.engine import SearchEngine
from peerqa.search.examples import Example, Examples
from peerqa.search.generations import (
    SUFFIX,
    Watch,
    before_tuning,
    complete,
    engine_of,
    forget_tuned,
)
from peerqa.search.recalibrating import recalibrate
from peerqa.search.training_texts import read_pairs, read_titles
from peerqa.search.tuning import is_enough, look_up_all
from peerqa.search.weights import MODEL
from peerqa.services.organizations import list_organizations
from peerqa.settings import Settings

SCRATCH_BYTES = 1 << 30  # that training and exporting may take beside the vectors

Verdict = Literal["kept", "too-few", "no-better"]

log = structlog.get_logger()


class ModelNotTunable(Conflict):
    """Why no model can be trained here."""

    code = "model-not-tunable"


@dataclass(frozen=True)
class Retrained:
    """What came of it."""

    verdict: Verdict
    before: str  # the model that served
    after: str  # the model that serves now
    pairs: int
    comparison: Comparison | None  # None: nothing was trained


def retrain(
    session: Session,
    engine: SearchEngine,
    organization: Organization,
    found: Examples,
    settings: Settings,
    *,
    is_dry: bool,
    watch: Watch,
) -> Retrained:
    """Train a model on one part of the threads, and let it serve when it wins on the other.

    Raises:
        ModelNotTunable: with what to do.
        FineTuningFailed, PreparationFailed, ModelUnavailable: so do these.
    """
    check_tunable(session, settings)
    present = engine.encoders.open().model
    pairs = read_pairs(session, found.examples)
    usable = [each for each in found.examples if each.is_open and each.is_named]
    if not is_enough(usable):
        return Retrained("too-few", present, present, len(pairs), None)
    titles = read_titles(session, organization)
    with _workshop(session, settings) as workshop:
        folder = _make(settings, pairs, titles, workshop, watch=watch)
        candidate = engine_of(settings, folder)
        complete(candidate, watch=watch)
        comparison = _compare(session, (engine, candidate), organization, found.examples, watch)
        made = candidate.encoders.open().model
        if not comparison.wins:
            return Retrained("no-better", present, present, len(pairs), comparison)
        if not is_dry:
            _put_in_place(candidate, organization, found, comparison, settings, folder)
        return Retrained("kept", present, present if is_dry else made, len(pairs), comparison)


def check_tunable(session: Session, settings: Settings) -> None:
    """See that a model can be trained for this installation.

    Raises:
        ModelNotTunable, FineTuningFailed: with what to do.
        ModelUnavailable: there is none, or a damaged one.
    """
    if len(list_organizations(session)) > 1:
        raise ModelNotTunable(
            N_(
                "A model serves all organizations of an installation, and nothing crosses them: "
                "it is fine-tuned only where there is one. Leave --fine-tune away."
            )
        )
    if settings.vectors == "pgvector":
        raise ModelNotTunable(
            N_(
                "With PEERQA_VECTORS=pgvector several hosts serve, each with a model of its own "
                "that cannot be replaced from here. Leave --fine-tune away."
            )
        )
    check_libraries()
    in_place = artefact.verify(settings.model_dir)
    source = find_source(settings.model)
    if source.name not in (in_place.name, in_place.tuned_from):
        raise ModelNotTunable(
            N_(
                "PEERQA_MODEL names %(wanted)s, and %(present)s is in place. Set it to the model "
                "that serves, or run `peerqa model prepare`."
            ),
            wanted=source.name,
            present=in_place.name,
        )
    _check_place(settings)


def _check_place(settings: Settings) -> None:
    beside = settings.model_dir.parent
    if not os.access(beside, os.W_OK):
        raise ModelNotTunable(
            N_("%(folder)s cannot be written to, and the model is replaced there."),
            folder=str(beside),
        )
    files = sum(path.stat().st_size for path in settings.model_dir.iterdir())
    needed = SCRATCH_BYTES + 10 * files
    if shutil.disk_usage(beside).free < needed:
        raise ModelNotTunable(
            N_("There is too little space in %(folder)s: training takes up to %(needed)s GB."),
            folder=str(beside),
            needed=f"{needed / 1e9:.1f}",
        )


@contextmanager
def _workshop(session: Session, settings: Settings) -> Iterator[Path]:
    """Give an empty folder beside the model's, and leave neither files nor vectors of a loser."""
    folder = settings.model_dir.with_name(f".{settings.model_dir.name}.tuning")
    _sweep(session, settings, folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        db.session().rollback()
        _sweep(session, settings, folder)


def _sweep(session: Session, settings: Settings, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    kept = {artefact.read_provenance(settings.model_dir).model}
    if before_tuning(settings).is_dir():
        kept.add(artefact.read_provenance(before_tuning(settings)).model)
    forget_tuned(session, settings.index_dir, kept=kept)


def _make(
    settings: Settings,
    pairs: Sequence[Pair],
    titles: Sequence[str],
    workshop: Path,
    *,
    watch: Watch,
) -> Path:
    """Train the model before any tuning, and prepare it as it would serve."""
    source = find_source(settings.model).name
    advance = watch("Training", count_steps(pairs))
    prefix = artefact.read_provenance(settings.model_dir).prefix
    with tempfile.TemporaryDirectory(dir=workshop) as scratch:
        trained = Path(scratch) / f"{source}{SUFFIX}"
        fine_tune(settings.model, pairs, titles, trained, advance=advance, prefix=prefix)
        made = workshop / "model"
        told = watch("Preparing", 5)
        steps = iter(range(1, 6))
        prepare(
            str(trained), made, created_at=utc_now(), prefix=prefix, tuned_from=source,
            progress=lambda _: told(next(steps, 5)),
        )  # fmt: skip
    return made


def _compare(
    session: Session,
    engines: tuple[SearchEngine, SearchEngine],
    organization: Organization,
    examples: Sequence[Example],
    watch: Watch,
) -> Comparison:
    """Look up what was held back with both, each by the weights that are in force for it."""
    held = [each for each in examples if is_held_back(each.thread)]
    organization_id = organization.id
    columns = []
    for engine, name in zip(engines, ("Looking up", "Looking up anew"), strict=True):
        weights = engine.weights.find(session, organization_id, engine.encoders.open().model)
        scores = look_up_all(
            session, engine, organization, held, [weights], advance=watch(name, len(held))
        )
        columns.append(np.asarray(scores[:, 0]))
    people = weigh([each.by for each in held])
    return compare(columns[0], columns[1], [each.thread for each in held], people)


def _put_in_place(
    candidate: SearchEngine,
    organization: Organization,
    found: Examples,
    comparison: Comparison,
    settings: Settings,
    folder: Path,
) -> None:
    """Let the winner serve: its gate first, then its row, and at last its files."""
    present = artefact.read_provenance(settings.model_dir).model
    made = candidate.encoders.open().model
    organization_id, at = organization.id, utc_now()
    recalibrate(candidate, organization, at=at, days=settings.evidence_days)
    with transaction() as writing:
        writing.add(
            Tuning(
                organization_id=organization_id, kind=MODEL, model=present, made=made,
                agreement=None, coverage=None,
                thread_count=len({each.thread for each in found.examples}),
                example_count=len(found.examples), measured=comparison.as_json(), tuned_at=at,
            )
        )  # fmt: skip
    artefact.put_instead(folder, settings.model_dir, before=before_tuning(settings))
    log.info("tuning.model", before=present, after=made)
