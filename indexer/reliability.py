"""How far probabilities can be believed: counted against what really came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10
_Z = 1.959964  # of 95 %
_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """A share of a sample, and where the share of the whole lies with 95 % confidence."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits of about the same probability.

    Attributes:
        low, high: the probabilities that fall into it, low included.
        mean: of the probabilities that did.
        answered: how many of them answered.
    """

    low: float
    high: float
    count: int
    mean: float
    answered: int


def wilson(successes: int, count: int) -> Interval | None:
    """Return the share of successes with its Wilson score interval; None of nothing.

    Unlike the usual plus and minus it is right for few and for extreme shares.

    Source: Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if count <= 0:
        return None
    share, square = successes / count, _Z**2 / count
    middle = (share + square / 2) / (1 + square)
    reach = _Z / (1 + square) * sqrt(share * (1 - share) / count + square / (4 * count))
    return Interval(share, max(0.0, middle - reach), min(1.0, middle + reach))


def bins(probabilities: ArrayLike, labels: Sequence[bool], *, count: int = BINS) -> list[Bin]:
    """Return the reliability curve: bins of equal width, without the empty ones."""
    foretold = np.asarray(probabilities, np.float64)
    came = np.asarray(labels, np.bool_)
    which = np.minimum((foretold * count).astype(int), count - 1)
    return [
        Bin(
            number / count,
            (number + 1) / count,
            int(inside.sum()),
            float(foretold[inside].mean()),
            int(came[inside].sum()),
        )
        for number in range(count)
        if (inside := which == number).any()
    ]


def calibration_error(probabilities: ArrayLike, labels: Sequence[bool]) -> float:
    """Return the expected calibration error: how far the bins are off, weighted by their size."""
    found = bins(probabilities, labels)
    total = sum(each.count for each in found)
    off = sum(abs(each.mean * each.count - each.answered) for each in found)
    return off / total if total else 0.0


def log_loss(probabilities: ArrayLike, labels: Sequence[bool], weights: ArrayLike) -> float:
    """Return the weighted mean surprise, in nats: what a gate is compared by."""
    foretold = np.clip(np.asarray(probabilities, np.float64), _SMALLEST, 1 - _SMALLEST)
    surprise: NDArray[np.float64] = -np.log(np.where(labels, foretold, 1 - foretold))
    return float(np.average(surprise, weights=np.asarray(weights, np.float64)))
