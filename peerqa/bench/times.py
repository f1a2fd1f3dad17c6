"""How long things took, and how that compares."""

from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")


def timed(act: Callable[[], Result]) -> tuple[Result, float]:
    """Return what came of it, and the seconds that it took."""
    began = perf_counter()
    result = act()
    return result, perf_counter() - began


def turn_about(
    items: Iterable[Result], first: Callable[[Result], None], second: Callable[[Result], None]
) -> None:
    """Do both with each item, and let them take turns in going first."""
    for place, item in enumerate(items):
        for act in (first, second) if place % 2 else (second, first):
            act(item)


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 95th percentile, in milliseconds."""
    return {
        "p50_ms": round(1000 * float(np.percentile(seconds, 50)), 2),
        "p95_ms": round(1000 * float(np.percentile(seconds, 95)), 2),
    }


def beside(product: Sequence[float], floor: Sequence[float]) -> dict[str, float]:
    """Return the product's percentiles, and how many times the floor's they are."""
    mine, least = percentiles(product), percentiles(floor)
    return {
        **mine,
        "ratio": round(mine["p50_ms"] / least["p50_ms"], 3),
        "p95_ratio": round(mine["p95_ms"] / least["p95_ms"], 3),
    }
