"""How good a ranking and its gate are: the figures, from what was found and what is right.

Pure functions on numbers, for `peerqa eval`, for tuning and for reports of recorded evidence.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from indexer.calibration import state

METRICS = ("p@1", "success@10", "mrr@10", "ndcg@10", "recall@10")
DEPTH = 10
SHOWN = 3
"""Hits that the product shows at most when they claim to answer."""

BINS = 10
RESAMPLES = 2_000
SEED = 20260601
SHARE = 0.95
"""Of the intervals: that much of the resampled means lies inside."""

Interval = tuple[float, float]


def score(found: Sequence[float], wanted: Sequence[float]) -> list[float]:
    """Return the figures of METRICS for one ranking.

    Args:
        found: relevance of each hit, best hit first, 0 when it is not right; no hit twice.
        wanted: relevances of everything that is right; at least one, all above 0.

    Returns:
        Five numbers in [0, 1]. Gains of nDCG are the relevances themselves, as trec_eval has
        them, discounted by log2(rank + 1). Recall is over everything that is right.

    Source: Järvelin & Kekäläinen, ACM TOIS 20(4), 2002, "Cumulated gain-based evaluation of IR
    techniques", for nDCG, with the discount that became usual since.
    """
    if not wanted or min(wanted) <= 0:
        raise ValueError("a ranking is scored only where something is right")
    first = list(found[:DEPTH])
    places = [place for place, relevance in enumerate(first, 1) if relevance > 0]
    ideal = _cumulated_gain(sorted(wanted, reverse=True)[:DEPTH])
    return [
        float(places[:1] == [1]),
        float(bool(places)),
        1 / places[0] if places else 0.0,
        _cumulated_gain(first) / ideal,
        len(places) / len(wanted),
    ]


def _cumulated_gain(relevances: Sequence[float]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(relevances, 1))


def bootstrap(
    values: NDArray[np.float64], *, resamples: int = RESAMPLES, seed: int = SEED
) -> NDArray[np.float64]:
    """Return the 95 % percentile interval of the mean of each column.

    Rows are drawn together, so columns are paired: the interval of a difference is that of a
    column of differences. The same seed and number of rows draw the same rows.

    Args:
        values: shape (rows, columns), a row for each query; at least one row.
        resamples: how often as many rows are drawn, with replacement.
        seed: of the draw.

    Returns:
        Shape (columns, 2), low and high, inside the range of the column.

    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    rows = len(values)
    random = np.random.default_rng(seed)
    draws = random.multinomial(rows, np.full(rows, 1 / rows), size=resamples)
    means = draws @ values / rows
    outside = 100 * (1 - SHARE) / 2
    bounds: NDArray[np.float64] = np.percentile(means, [outside, 100 - outside], axis=0).T
    return bounds


def auc(probabilities: Sequence[float], labels: Sequence[bool]) -> float | None:
    """Return how often a right hit has the higher probability than a wrong one, ties half.

    Returns:
        In [0, 1], .5 for guessing; None without a right or without a wrong hit.

    Source: Hanley & McNeil, Radiology 143, 1982: the area under the ROC curve is that share.
    """
    given, right = np.asarray(probabilities, float), np.asarray(labels, bool)
    ours, others = given[right], np.sort(given[~right])
    if not len(ours) or not len(others):
        return None
    below = np.searchsorted(others, ours, "left")
    up_to = np.searchsorted(others, ours, "right")
    return float((below + up_to).mean() / 2 / len(others))


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits of about the same probability: what was said of them, and what was so.

    Attributes:
        low, high: the bin, equally wide ones; low is inside, high only in the last.
        probability: mean of what was said; None in an empty bin.
        right: share that was right; None in an empty bin.
    """

    low: float
    high: float
    count: int
    probability: float | None
    right: float | None


def reliability(probabilities: Sequence[float], labels: Sequence[bool]) -> list[Bin]:
    """Return the reliability curve in ten bins of equal width."""
    given, right = np.asarray(probabilities, float), np.asarray(labels, float)
    places = np.minimum((given * BINS).astype(int), BINS - 1)
    return [_bin(place, given[places == place], right[places == place]) for place in range(BINS)]


def _bin(place: int, given: NDArray[np.float64], right: NDArray[np.float64]) -> Bin:
    low, high, count = place / BINS, (place + 1) / BINS, len(given)
    if not count:
        return Bin(low, high, 0, None, None)
    return Bin(low, high, count, float(given.mean()), float(right.mean()))


def expected_calibration_error(curve: Sequence[Bin]) -> float | None:
    """Return how far what was said lies from what was so, by bins weighted by their count.

    Returns:
        In [0, 1]; None when all bins are empty.

    Source: Naeini, Cooper & Hauskrecht, AAAI 2015, "Obtaining Well Calibrated Probabilities
    Using Bayesian Binning".
    """
    total = sum(each.count for each in curve)
    if not total:
        return None
    apart = (
        each.count * abs(each.probability - each.right)
        for each in curve
        if each.probability is not None and each.right is not None
    )
    return sum(apart) / total


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look-up found, and what is right of it.

    Attributes:
        probabilities: of each hit that it answers, in the order found; None: claims nothing.
        right: whether it does, for each of them.
        has_answer: whether there is a right one at all, found or not.
    """

    probabilities: Sequence[float | None]
    right: Sequence[bool]
    has_answer: bool

    def shown(self, target: float, *, most: int = SHOWN) -> list[bool]:
        """Return of each hit that the gate lets through whether it is right."""
        pairs = zip(self.probabilities, self.right, strict=True)
        through = [right for given, right in pairs if given is not None and state(given, target)]
        return through[:most]

    def sure(self, target: float) -> list[float]:
        """Return the probabilities of the same hits."""
        given = [each for each in self.probabilities if each is not None and state(each, target)]
        return given[:SHOWN]


@dataclass(frozen=True, slots=True)
class GateFigures:
    """How well the gate speaks up and stays silent at a target; None where nothing can be said.

    Attributes:
        auc, ece, curve: of each look-up's first hit, over its probability.
        precision: share of all shown hits that are right.
        recall: share of look-ups with an answer for which a right hit is shown.
        false_alarms: share of look-ups without an answer for which something is shown.
        shown: hits that are shown.
        speaking: look-ups for which something is shown.
        sure: mean probability of all shown hits: above the precision, the gate is too sure.
        first_precision: the precision where of each look-up only its first hit may be shown …
        first_recall: … and the recall then.
        judged: look-ups whose first hit has a probability.
        with_answer, without_answer: look-ups of each kind.
    """

    target: float
    auc: float | None
    precision: float | None
    recall: float | None
    false_alarms: float | None
    ece: float | None
    shown: int
    speaking: int
    sure: float | None
    first_precision: float | None
    first_recall: float | None
    judged: int
    with_answer: int
    without_answer: int
    curve: Sequence[Bin]

    def as_json(self) -> dict[str, object]:
        """Return the figures by their names."""
        return asdict(self)


def judge_gate(look_ups: Sequence[Judged], target: float) -> GateFigures:
    """Judge what the gate would show for each look-up.

    Args:
        look_ups: with their hits in the order found.
        target: precision target, in (0, 1).
    """
    given, labels = _first_hits(look_ups)
    curve = reliability(given, labels)
    shown = [each.shown(target) for each in look_ups]
    answered = [hits for each, hits in zip(look_ups, shown, strict=True) if each.has_answer]
    unanswered = [hits for each, hits in zip(look_ups, shown, strict=True) if not each.has_answer]
    # of a first hit that stays hidden nothing is shown
    first = [Judged(each.probabilities[:1], each.right[:1], each.has_answer) for each in look_ups]
    alone = [each.shown(target) for each in first]
    return GateFigures(
        target=target,
        auc=auc(given, labels),
        precision=_share([right for hits in shown for right in hits]),
        recall=_share([any(hits) for hits in answered]),
        false_alarms=_share([bool(hits) for hits in unanswered]),
        ece=expected_calibration_error(curve),
        shown=sum(map(len, shown)),
        speaking=sum(map(bool, shown)),
        sure=_mean([given for each in look_ups for given in each.sure(target)]),
        first_precision=_share([right for hits in alone for right in hits]),
        first_recall=_share(
            [any(hits) for each, hits in zip(first, alone, strict=True) if each.has_answer]
        ),
        judged=len(given),
        with_answer=len(answered),
        without_answer=len(unanswered),
        curve=curve,
    )


def _first_hits(look_ups: Sequence[Judged]) -> tuple[list[float], list[bool]]:
    given, labels = list[float](), list[bool]()
    for each in look_ups:
        if each.probabilities and each.probabilities[0] is not None:
            given.append(each.probabilities[0])
            labels.append(each.right[0])
    return given, labels


def _share(answers: Sequence[bool]) -> float | None:
    return _mean([float(each) for each in answers])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
