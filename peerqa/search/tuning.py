"""Learns an organization's weights of the ranking, and says why not where it does not.

Every example is looked up once, as its person would have, and ordered by all the weights that may
be learned; so what is chosen by is what people get. All is read and computed outside any write
transaction, and a row is written only for weights that win on threads that were held back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from indexer.evaluation import DEPTH
from indexer.ranking import Weights
from indexer.tuning import (
    FEWEST_EXAMPLES,
    FEWEST_THREADS,
    GRID,
    Comparison,
    choose,
    compare,
    count_threads,
    is_held_back,
    weigh,
)
from peerqa.database import transaction
from peerqa.models import Organization, Tuning
from peerqa.search.engine import Ranking, SearchEngine, until_by_meaning
from peerqa.search.examples import Example, Examples
from peerqa.search.hits import Reader
from peerqa.search.showing import canonical
from peerqa.search.weights import WEIGHTS

Verdict = Literal["kept", "too-few", "defaults-best", "no-better"]
Advance = Callable[[int], None]  # hears how many are done
Scores = NDArray[np.float64]

log = structlog.get_logger()


@dataclass(frozen=True)
class TunedWeights:
    """What came of the examples."""

    verdict: Verdict
    weights: Weights  # in force afterwards
    before: Weights
    comparison: Comparison | None  # None: nothing was tried


def is_enough(examples: Sequence[Example]) -> bool:
    """Whether there is anything to learn from; what one person says counts so much and no more."""
    if len(examples) < FEWEST_EXAMPLES:
        return False
    threads = [each.thread for each in examples]
    if count_threads(threads, weigh([each.by for each in examples])) < FEWEST_THREADS:
        return False
    parts = {is_held_back(thread) for thread in threads}
    return len(parts) == 2


def tune_weights(
    session: Session,
    engine: SearchEngine,
    organization: Organization,
    found: Examples,
    *,
    model: str,
    advance: Advance,
) -> TunedWeights:
    """Return the weights to order by, the present ones unless others win.

    Raises:
        EncodingFailed: the model or the index does not answer.
    """
    present = engine.weights.find(session, organization.id, model)
    if not is_enough(found.examples):
        return TunedWeights("too-few", present, present, None)
    columns = [*GRID, present]
    scores = look_up_all(session, engine, organization, found.examples, columns, advance=advance)
    threads = np.array([each.thread for each in found.examples])
    people = weigh([each.by for each in found.examples])
    held = np.array([is_held_back(int(thread)) for thread in threads])
    chosen = choose(scores[~held, : len(GRID)], threads[~held].tolist(), people[~held])
    if chosen == present:
        return TunedWeights("defaults-best", present, present, None)
    after = scores[held, columns.index(chosen)]
    comparison = compare(scores[held, -1], after, threads[held].tolist(), people[held])
    if not comparison.wins:
        return TunedWeights("no-better", present, present, comparison)
    return TunedWeights("kept", chosen, present, comparison)


def store_weights(
    organization_id: int, tuned: TunedWeights, found: Examples, *, model: str, at: datetime
) -> None:
    """Let look-ups order by weights that won."""
    assert tuned.comparison is not None, "what was not compared cannot have won"
    with transaction() as writing:
        writing.add(
            Tuning(
                organization_id=organization_id, kind=WEIGHTS, model=model, made=None,
                agreement=tuned.weights.agreement, coverage=tuned.weights.coverage,
                thread_count=len({each.thread for each in found.examples}),
                example_count=len(found.examples), measured=tuned.comparison.as_json(),
                tuned_at=at,
            )
        )  # fmt: skip
    log.info("tuning.weights", organization=organization_id, model=model)


def look_up_all(
    session: Session,
    engine: SearchEngine,
    organization: Organization,
    examples: Sequence[Example],
    weights: Sequence[Weights],
    *,
    advance: Advance,
) -> Scores:
    """Look every example up, and order what is found by each of the weights.

    Returns:
        Reciprocal rank of its thread among ten, 0 beyond; a row for each example, a column for
        each of the weights.

    Raises:
        EncodingFailed: the model or the index does not answer.
    """
    scores = np.zeros((len(examples), len(weights)))
    target, language, organization_id = (
        organization.precision_target,
        organization.language,
        organization.id,
    )
    for row, example in enumerate(examples):
        reader = Reader(organization_id, target, language, frozenset({example.space_id}))
        ranking = _look_up(session, engine, reader, example)
        scores[row] = [_reciprocal_rank(ranking, example.thread, each) for each in weights]
        session.rollback()
        advance(row + 1)
    return scores


def _look_up(session: Session, engine: SearchEngine, reader: Reader, example: Example) -> Ranking:
    return until_by_meaning(
        lambda: engine.rehearse(session, reader, title=example.typed, without=example.without)
    )


def _reciprocal_rank(ranking: Ranking, thread: int, weights: Weights) -> float:
    shown = canonical(ranking.questions, ranking.closer.order(weights))
    places = (n for n, (question, _) in enumerate(shown[:DEPTH], 1) if question.id == thread)
    return next((1 / place for place in places), 0.0)
