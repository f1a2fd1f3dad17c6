"""How far a share of a sample can be believed, and how much what came surprises a gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Z = 1.959964  # of 95 %
_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """A share of a sample, and where the share of the whole lies with 95 % confidence."""

    share: float
    low: float
    high: float


def wilson(successes: int, count: int) -> Interval | None:
    """Return the share of successes with its Wilson score interval; None of nothing.

    Unlike the usual plus and minus it holds for few and for extreme shares.

    Source: Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if count <= 0:
        return None
    share, square = successes / count, _Z**2 / count
    middle = (share + square / 2) / (1 + square)
    reach = _Z / (1 + square) * sqrt(share * (1 - share) / count + square / (4 * count))
    return Interval(share, max(0.0, middle - reach), min(1.0, middle + reach))


def log_loss(probabilities: ArrayLike, labels: Sequence[bool], weights: ArrayLike) -> float:
    """Return the weighted mean surprise, in nats: what a gate is compared by."""
    foretold = np.clip(np.asarray(probabilities, np.float64), _SMALLEST, 1 - _SMALLEST)
    surprise: NDArray[np.float64] = -np.log(np.where(labels, foretold, 1 - foretold))
    return float(np.average(surprise, weights=np.asarray(weights, np.float64)))
