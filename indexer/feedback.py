"""Learns an organization's own gate, and keeps to the prior when that is not clearly right.

Three things bend what colleagues say. Only hits that were shown are judged, so what is below the
bar is held to the prior (`fit`, unseen). A few people, and a few questions, say most of it, so each
counts so much and no more. And little was said at first: then the prior stays.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.calibration import Gate, bar, fit, is_sane
from indexer.reliability import log_loss

Verdict = Literal["own", "too-few", "no-better", "less-precise", "absurd"]
Floats = NDArray[np.float64]

STRENGTH = 20.0
"""As how many judged hits the prior counts. Where hits answer less often than the prior says (by
two on the logit), 200 judged ones took the error at what is shown from .15 to .06, and 40 instead
of 20 left more of it; 10 followed chance on a site where the prior is right already."""

UNSEEN_SHARE = 0.25
"""As how many hits the prior's word on what is never shown counts, for each that was judged
because it was shown. Where 97 % of 1,000 shown hits were confirmed whatever their figures, a hit
far below all of them (similarity .6, gap .15) rose from .14 to .60 without it and to .26 with it;
.5 and 1 kept it lower still, and learned slower."""

ENOUGH = 5.0
"""Of both kinds, by weight; with fewer the prior stays. With 10, an organization whose hits mostly
answer waited for more than 200 judged ones, and nothing was gained: what only looks better is found
out by holding questions back."""

MOST_OF_A_QUESTION = 5.0
"""Of all that is said of one earlier question; a twentieth of the smallest useful sample."""

MOST_OF_A_PERSON = 5.0
"""Of all that one person says in a day. Their days cannot be joined: pseudonyms are of a day."""

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Judgement:
    """A hit that was judged, and whether it answered.

    Attributes:
        question: the earlier question, or the original that it duplicates.
        by: whoever judged it, as far as that is known; a text of its own for each where not.
        was_shown: it was judged because it was shown; else whatever its figures.
    """

    similarity: float
    gap: float
    answered: bool
    question: int
    by: str
    was_shown: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """The gate to judge with, and why it is this one.

    Attributes:
        foretold: probability of each hit by a gate of the same kind that was fitted without
            the hits of its question.
        loss, prior_loss: mean surprise by `foretold`, and by the prior.
    """

    gate: Gate
    verdict: Verdict
    foretold: Sequence[float]
    loss: float | None
    prior_loss: float | None


def weigh(judged: Sequence[Judgement]) -> Floats:
    """Return as how many hits each counts, at most 1.

    What the same person says of the same question on one day counts once; then no person and no
    question counts more than its bound.
    """
    pairs = Counter((each.by, each.question) for each in judged if each.was_shown)
    once = np.array(
        [1 / pairs[each.by, each.question] if each.was_shown else 1.0 for each in judged]
    )
    people = capped(once, [each.by for each in judged], MOST_OF_A_PERSON)
    return capped(people, [str(each.question) for each in judged], MOST_OF_A_QUESTION)


def capped(weights: Floats, groups: Sequence[str], most: float) -> Floats:
    """Return the weights, less where those of one group add up to more than the most."""
    totals: Counter[str] = Counter()
    for group, weight in zip(groups, weights.tolist(), strict=True):
        totals[group] += weight
    factors = [min(1.0, most / totals[group]) if totals[group] else 1.0 for group in groups]
    return np.multiply(weights, factors)


def learn(judged: Sequence[Judgement], *, prior: Gate, target: float) -> Learned:
    """Return the organization's own gate when it is better than the prior, else the prior.

    Args:
        judged: everything that was said; its order does not matter.
        prior: what is believed before.
        target: the organization's precision target.
    """
    weights = weigh(judged)
    labels = np.array([each.answered for each in judged], np.bool_)
    before = _foretell(prior, judged)
    if min(weights[labels].sum(), weights[~labels].sum()) < ENOUGH:
        return Learned(prior, "too-few", before, None, None)
    foretold = _held_out(judged, weights, prior)
    loss = log_loss(foretold, labels.tolist(), weights)
    prior_loss = log_loss(before, labels.tolist(), weights)
    own = _fit(judged, weights, prior)
    after = _foretell(own, judged)
    if not is_sane(own):
        verdict: Verdict = "absurd"
    elif loss >= prior_loss:
        verdict = "no-better"
    elif _is_less_precise(after, before, labels, weights, target=target):
        verdict = "less-precise"
    else:
        return Learned(own, "own", foretold.tolist(), loss, prior_loss)
    return Learned(prior, verdict, before, loss, prior_loss)


def _fit(judged: Sequence[Judgement], weights: Floats, prior: Gate) -> Gate:
    shown = np.array([each.was_shown for each in judged], np.bool_)
    return fit(
        [(each.similarity, each.gap) for each in judged],
        [each.answered for each in judged],
        prior=prior,
        strength=STRENGTH,
        weights=weights,
        unseen=UNSEEN_SHARE * float(weights[shown].sum()),
    )


def _held_out(judged: Sequence[Judgement], weights: Floats, prior: Gate) -> Floats:
    """Foretell each hit by a gate that heard nothing of its question."""
    order = {question: n for n, question in enumerate(sorted({e.question for e in judged}))}
    folds = [order[each.question] % FOLDS for each in judged]
    gates = []
    for fold in range(FOLDS):
        others = [i for i, found in enumerate(folds) if found != fold]
        gates.append(_fit([judged[i] for i in others], weights[others], prior))
    return np.array(
        [
            gates[fold].probability(each.similarity, each.gap)
            for each, fold in zip(judged, folds, strict=True)
        ]
    )


def _foretell(gate: Gate, judged: Sequence[Judgement]) -> list[float]:
    return [gate.probability(each.similarity, each.gap) for each in judged]


def _is_less_precise(
    after: Sequence[float],
    before: Sequence[float],
    labels: NDArray[np.bool_],
    weights: Floats,
    *,
    target: float,
) -> bool:
    """Whether what is shown afterwards misses the target, and by more than it did before."""

    def precision(foretold: Sequence[float]) -> float:
        shown = np.where(np.asarray(foretold) >= bar(target), weights, 0.0)
        return float(shown[labels].sum() / shown.sum()) if shown.any() else 1.0

    return precision(after) < min(target, precision(before))
