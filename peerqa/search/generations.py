"""The vectors of a model that does not serve yet, or no more, beside those of the one that does."""

import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from indexer.encoder import OnnxEncoder
from peerqa.database import db, transaction
from peerqa.models import Embedding, FittedGate, Sentence
from peerqa.search.engine import SearchEngine, patient
from peerqa.search.texts import in_sight
from peerqa.search.updating import GAP_BATCH, has_vector
from peerqa.search.upkeep import Upkeep, fill_all_gaps
from peerqa.settings import Settings

SUFFIX = "-tuned"  # of a fine-tuned model's name

Watch = Callable[[str, int], Callable[[int], None]]  # what is done, of how many → hears how far


def before_tuning(settings: Settings) -> Path:
    """Return where the model is kept that served before the last one that won."""
    return settings.model_dir.with_name(f"{settings.model_dir.name}.before-tuning")


def engine_of(settings: Settings, folder: Path) -> SearchEngine:
    """Return an engine of the model in another folder than the one that serves.

    Raises:
        ModelUnavailable: there is none, or a damaged one.
    """
    there = settings.model_copy(update={"model_dir": folder})
    return patient(there, OnnxEncoder.open(folder))


def count_gaps(session: Session, model: str) -> int:
    """Return how many posts have no vector of this model."""
    gaps = in_sight().where(~has_vector(model)).subquery()
    return session.scalar(select(func.count()).select_from(gaps)) or 0


def complete(engine: SearchEngine, *, watch: Watch) -> int:
    """Make the vectors of the engine's model complete, and save the bases that are worth it.

    What is posted meanwhile gets vectors of the model that serves, and those of this one in the
    last pass here, or from the worker once this one serves.

    Returns:
        How many posts were to be encoded.

    Raises:
        EncodingFailed: the model could not be run.
        SavingFailed: the disk is full or refuses.
    """
    session = db.session()
    encoder = engine.encoders.open()
    posts = count_gaps(session, encoder.model)
    session.rollback()
    advance = watch("Encoding posts", posts)
    fill_all_gaps(encoder, progress=lambda batches: advance(min(posts, batches * GAP_BATCH)))
    Upkeep(engine).keep_bases()
    fill_all_gaps(encoder)
    return posts


def forget_tuned(session: Session, index_folder: Path, *, kept: Collection[str]) -> None:
    """Remove all that is of fine-tuned models which neither serve nor served before.

    Args:
        session: is rolled back.
        index_folder: that the bases are in.
        kept: models that nothing is removed of.
    """
    known = {
        *session.scalars(select(Embedding.model).distinct()),
        *session.scalars(select(FittedGate.model).distinct()),
    }
    session.rollback()
    gone = [each for each in known - set(kept) if each.partition("@")[0].endswith(SUFFIX)]
    if gone:
        with transaction() as writing:
            for table in (Embedding, Sentence, FittedGate):
                writing.execute(delete(table).where(table.model.in_(gone)))
    for folder in index_folder.glob("*/*"):
        name = unquote(folder.name)
        if name.partition("@")[0].endswith(SUFFIX) and name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
