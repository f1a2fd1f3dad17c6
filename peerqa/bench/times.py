"""How long things took, and how that compares."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")
Result = TypeVar("Result")

STRIDE = 10  # items: about a quarter of a second, in which a machine's mood hardly changes


def timed(act: Callable[[], Result]) -> tuple[Result, float]:
    """Return what came of it, and the seconds that it took."""
    began = perf_counter()
    result = act()
    return result, perf_counter() - began


def turn_about(
    items: Sequence[Item], first: Callable[[Item], None], second: Callable[[Item], None]
) -> None:
    """Do both with every item, a few items at a time, and let them take turns in going first.

    A few at a time, so that each is measured in its own stride: one by one the floor's pass over
    all vectors empties the caches of a server, and warms them for what is in its own process.
    """
    for turn, start in enumerate(range(0, len(items), STRIDE)):
        for act in (first, second) if turn % 2 else (second, first):
            for item in items[start : start + STRIDE]:
                act(item)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 95th percentile, in milliseconds."""
    return {
        "p50_ms": round(1000 * float(np.percentile(seconds, 50)), 2),
        "p95_ms": round(1000 * float(np.percentile(seconds, 95)), 2),
    }


def p99_ms(seconds: Sequence[float]) -> float:
    """Return the 99th percentile, in milliseconds."""
    return round(1000 * float(np.percentile(seconds, 99)), 2)


def beside(product: Sequence[float], floor: Sequence[float]) -> dict[str, float]:
    """Return the product's percentiles, and how many times the floor's they are."""
    mine, least = percentiles(product), percentiles(floor)
    return {
        **mine,
        "ratio": round(mine["p50_ms"] / least["p50_ms"], 3),
        "p95_ratio": round(mine["p95_ms"] / least["p95_ms"], 3),
    }
