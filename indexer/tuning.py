"""Decides what is learned from an organization: which weights, and whether they are kept.

Pure functions on numbers. Threads are split in two by a hash of their canonical question: what is
learned on the one part is kept only when it wins on the other, by an interval that excludes a
loss. A thread is always in the same part, so that what a model was trained on once is never what
it is measured on later.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation import bootstrap
from indexer.feedback import MOST_OF_A_PERSON, capped
from indexer.ranking import DEFAULT_WEIGHTS, Weights

Floats = NDArray[np.float64]

FEWEST_THREADS = 20.0
"""By weight. Half of them are held back; of ten that weigh alike, four must gain as much and none
lose before the interval excludes a loss. With fewer, hardly anything but chance could be kept."""

FEWEST_EXAMPLES = 40
"""Two a thread, at the least: titles that ask the same in other words."""

AGREEMENTS = (0.25, 0.375, 0.5, 0.625, 0.75)
COVERAGES = (0.0, 0.05, 0.1, 0.15, 0.2)
GRID = tuple(Weights(a, c) for a in AGREEMENTS for c in COVERAGES)
"""The range that weights are learned in, around the defaults."""

PULL = 2.0
"""What the farthest weights must gain before they are preferred to the defaults, in threads that
come first instead of not at all; half as far away costs a quarter."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two ways to rank did on threads that neither was learned from.

    Attributes:
        threads, examples: that were held back.
        before, after: mean reciprocal rank among ten; threads weigh alike, as far as no person
            stands for too many of them.
        gain: after less before.
        low, high: 95 % interval of the gain; whole threads are drawn.
    """

    threads: int
    examples: int
    before: float
    after: float
    gain: float
    low: float
    high: float

    @property
    def wins(self) -> bool:
        """Whether the interval excludes a loss, and that nothing changed."""
        return self.low > 0

    def as_json(self) -> dict[str, object]:
        """Return the figures by their names, rounded."""
        return {key: round(value, 4) for key, value in asdict(self).items()}


def is_held_back(thread: int) -> bool:
    """Whether a thread is measured on, rather than learned from; by its canonical question."""
    return blake2b(b"%d" % thread, digest_size=1).digest()[0] % 2 == 1


def is_within(weights: Weights) -> bool:
    """Whether weights lie in the range that is learned in."""
    if not (isfinite(weights.agreement) and isfinite(weights.coverage)):
        return False
    in_agreement = AGREEMENTS[0] <= weights.agreement <= AGREEMENTS[-1]
    return in_agreement and COVERAGES[0] <= weights.coverage <= COVERAGES[-1]


def weigh(people: Sequence[str]) -> Floats:
    """Return as how many examples each counts, at most 1: nobody counts more than their bound."""
    return capped(np.ones(len(people)), people, MOST_OF_A_PERSON)


def count_threads(threads: Sequence[int], weights: Floats) -> float:
    """Return how many threads there are; one that little is known of counts less."""
    return float(_by_thread(threads, weights)[1].sum())


def choose(scores: Floats, threads: Sequence[int], weights: Floats) -> Weights:
    """Return the weights that order the threads best, strongly drawn to the defaults.

    Args:
        scores: reciprocal ranks, a row for each example, a column for each of GRID.
        threads: of each example.
        weights: of each example, see `weigh`.
    """
    index, counts = _by_thread(threads, weights)
    gained = _means(scores, index, weights, len(counts)).T @ counts
    pulled = gained - PULL * np.array([_distance(each) for each in GRID])
    near_best = pulled >= pulled.max() - 1e-9
    nearest = min(np.flatnonzero(near_best), key=lambda place: _distance(GRID[place]))
    return GRID[nearest]


def compare(
    before: Sequence[float] | Floats,
    after: Sequence[float] | Floats,
    threads: Sequence[int],
    weights: Floats,
) -> Comparison:
    """Compare two ways to rank on the same examples, one at least.

    Args:
        before, after: reciprocal rank of each example.
        threads: of each example.
        weights: of each example, see `weigh`.
    """
    index, counts = _by_thread(threads, weights)
    pairs = np.column_stack([before, after])
    means = _means(pairs, index, weights, len(counts)) * counts[:, None]
    was, now = (means.sum(axis=0) / counts.sum()).tolist()
    # counts are at most 1: the interval of a weighted mean, up to the mean of the weights
    low, high = (bootstrap((means[:, 1] - means[:, 0])[:, None]) / counts.mean())[0].tolist()
    return Comparison(len(counts), len(threads), was, now, now - was, low, high)


def _by_thread(threads: Sequence[int], weights: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the place of each example's thread, and as how many threads each of them counts."""
    _, index = np.unique(np.asarray(threads, np.int64), return_inverse=True)
    counts = np.bincount(index, weights)
    return index, np.minimum(counts, 1.0)


def _means(scores: Floats, index: NDArray[np.intp], weights: Floats, count: int) -> Floats:
    """Return the weighted mean of each thread's rows."""
    sums = np.zeros((count, scores.shape[1]))
    np.add.at(sums, index, scores * weights[:, None])
    return np.asarray(sums / np.bincount(index, weights, count)[:, None])


def _distance(weights: Weights) -> float:
    """Return how far from the defaults, squared: 1 at a corner of the range."""
    along = (weights.agreement - DEFAULT_WEIGHTS.agreement) / (AGREEMENTS[-1] - AGREEMENTS[0])
    across = (weights.coverage - DEFAULT_WEIGHTS.coverage) / (COVERAGES[-1] - COVERAGES[0])
    return 2 * (along**2 + across**2)
