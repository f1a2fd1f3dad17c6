"""Joins what was found by meaning with what was found by its words, then looks closer.

The score is the cosine plus a small bonus for words. Reciprocal rank fusion is not
used: on duplicate questions of three sites it cost 7 to 12 points of mean
reciprocal rank against meaning alone, since it gives the weaker voter, words, an
equal vote. Words earn their place as a source of further candidates: error codes,
product names and acronyms that the model never saw.

The first dozen are looked at again. A thread has several vectors, and the nearest of
them may be near by luck: a thread that answers is near with its title, with its body and
with its answer. That agreement, and how much of what was typed the thread speaks of,
order these hits and tell how far one stands out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.nearest import Neighbour

WORDS_BONUS = 0.08
"""For the best hit by words, on a cosine; .05 to .1 was measured to be neutral."""

EXACT_BONUS = 0.15
"""For a hit that contains an exact token as typed. About the distance between the
first and the tenth hit by meaning, so such a hit stays on the first page. Judged,
not measured: the labelled sets hold no error codes."""

REFINED = 12
"""Hits that are looked at again: one and more rivals than count. 16 and 24 ordered
no set better by more than one query, and judged none better."""

EXACT_KEPT = 3
"""Hits with an exact token that are always among the refined."""

COVERAGE_BONUS = 0.1
"""For a thread that speaks of all that was typed; see the figures at `refine`."""

COVERAGE_STANDING = 0.15
"""The same where a hit is to stand out. .1 to .2 were measured to judge equally well."""

AGREEMENT = 0.5
"""How much the agreement of a thread's parts counts beside its nearest part."""

NO_ANSWER = 0.2
"""How much less near than its question an answer is taken to be that is not there (yet).
Between .1 and .2 nothing changed; without it, threads of a title alone came first."""

RIVALS = 10
_RIVAL_WEIGHTS = [1 / n / sum(1 / m for m in range(1, RIVALS + 1)) for n in range(1, RIVALS + 1)]
ASSUMED_SIMILARITY = 0.3
"""Stands in for hits that a small index does not have. Near the median of what
follows the first hit in a large one; without it a lone unrelated question would
stand out from nothing."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What orders the hits that are looked at again; an organization may have learned its own.

    They change the order alone. What the gate judges by stays as it is, so what it was fitted
    on holds whatever they are.

    Attributes:
        agreement: share that the agreement of a thread's parts has, in [0, 1].
        coverage: bonus for a thread that speaks of all that was typed, on a cosine.
    """

    agreement: float = AGREEMENT
    coverage: float = COVERAGE_BONUS


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Views:
    """How near a thread is by each of its parts: cosines with what was typed.

    Attributes:
        title_body: None when the question is a title alone.
        answer: of the nearest answer; None when there is none.
        same_as: a question found before it that says the same; see `twins`.
    """

    title: float
    title_body: float | None
    answer: float | None
    same_as: int | None = None

    @property
    def agreement(self) -> float:
        """The mean of the three; an absent answer counts as not quite as near."""
        return self._mean(self.answer)

    @property
    def order(self) -> float:
        """The same, for the order alone: no answer makes a thread worse than having none does."""
        return max(self._mean(self.answer), self._mean(None))

    def _mean(self, answer: float | None) -> float:
        title_body = self.title if self.title_body is None else self.title_body
        both = self.title + title_body
        return (both + (both / 2 - NO_ANSWER if answer is None else answer)) / 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question in the order in which it is shown.

    Attributes:
        score: orders the hits and means nothing else.
        similarity: cosine; None when its vectors are not there (yet).
        words: how well its words fit, 0 to 1 for the best of this look-up.
        is_exact: it contains an exact token of what was typed.
        standing: what `gap` compares; None for hits that were not looked at again.
        same_as: a question found before it that says the same.
    """

    owner: int
    score: float
    similarity: float | None
    words: float
    is_exact: bool
    standing: float | None = None
    same_as: int | None = None


def rank(
    neighbours: Iterable[Neighbour],
    similarities_of_word_hits: Mapping[int, float],
    word_scores: Mapping[int, float],
    exact: Collection[int],
) -> list[Ranked]:
    """Return everything that was found either way, best first.

    Args:
        neighbours: found by meaning.
        similarities_of_word_hits: cosines of what was found by words, as far as it
            has vectors.
        word_scores: owner to BM25, higher is better, not negative.
        exact: owners that contain an exact token of what was typed.

    Returns:
        Descending score; ties by smaller owner. A hit whose vectors are not there
        yet is ordered as if it were as near as the farthest of the others.
    """
    similarities = {each.owner: each.similarity for each in neighbours}
    similarities |= similarities_of_word_hits
    farthest = min(similarities.values(), default=0.0)
    best = max(word_scores.values(), default=0.0)
    exactly = frozenset(exact)

    def ranked(owner: int) -> Ranked:
        similarity = similarities.get(owner)
        words = word_scores.get(owner, 0.0) / best if best > 0 else 0.0
        is_exact = owner in exactly
        score = farthest if similarity is None else similarity
        score += WORDS_BONUS * words + EXACT_BONUS * is_exact
        return Ranked(owner, score, similarity, words, is_exact)

    found = [ranked(owner) for owner in similarities.keys() | word_scores.keys() | exactly]
    return sorted(found, key=lambda hit: (-hit.score, hit.owner))


def refine(
    ranked: Sequence[Ranked],
    views: Mapping[int, Views],
    coverages: Mapping[int, float],
    weights: Weights = DEFAULT_WEIGHTS,
) -> list[Ranked]:
    """Put the first hits in a better order, and say where each stands.

    Precision at 1 / mean reciprocal rank by the nearest vector, and after this, on the
    halves of the threads that were held out:

        questions typed for 200 long threads       .845 / .914    .897 / .943
        titles of these threads that ask again     .438 / .615    .562 / .674
        StackFAQ, among 4,900                      .930 / .963    .925 / .962
        StackFAQ, among 200                       1.000 / 1.000  1.000 / 1.000
        Computer Science, among 10,600             .200 / .230    .160 / .208
        Computer Science, among 200                .453 / .565    .467 / .591

    One query is .02 of the first line, .06 of the second, .005 of StackFAQ and .04 of
    Computer Science.

    Args:
        ranked: best first.
        views: owner to views, as far as there are vectors.
        coverages: owner to the share of what was typed that its thread speaks of.
        weights: the defaults, or what the organization learned.

    Returns:
        All of them. The first `REFINED` may change places among each other; in what they
        score the words' bonus has given way to the coverage.
    """
    head = [
        _refined(each, views.get(each.owner), coverages.get(each.owner, 0.0), weights)
        for each in ranked[:REFINED]
    ]
    return sorted(head, key=lambda hit: (-hit.score, hit.owner)) + list(ranked[REFINED:])


def keep_exact(ranked: Sequence[Ranked]) -> list[Ranked]:
    """See that the best hits with an exact token are among those that are looked at again.

    What is far by meaning may be the only post that holds the error code that was typed.
    """
    head, rest = list(ranked[:REFINED]), list(ranked[REFINED:])
    wanting = max(0, EXACT_KEPT - sum(each.is_exact for each in head))
    late = [each for each in rest if each.is_exact][:wanting]
    if not late:
        return list(ranked)
    owners = {each.owner for each in late}
    rest = head[REFINED - len(late) :] + [each for each in rest if each.owner not in owners]
    return head[: REFINED - len(late)] + late + rest


def _refined(hit: Ranked, views: Views | None, coverage: float, weights: Weights) -> Ranked:
    bonus = weights.coverage * coverage
    score, standing = hit.score + bonus, None
    if hit.similarity is not None:
        agreement = hit.similarity if views is None else views.agreement
        standing = agreement + COVERAGE_STANDING * coverage
        order = agreement if views is None else views.order
        score = hit.similarity + weights.agreement * (order - hit.similarity) + bonus
        score += EXACT_BONUS * hit.is_exact
    same_as = views.same_as if views else None
    return replace(hit, score=score, standing=standing, same_as=same_as)


def gap(ranked: Sequence[Ranked], position: int = 0) -> float | None:
    """Return how far the hit at the position stands out; see `gaps`."""
    return gaps(ranked)[position]


def gaps(ranked: Sequence[Ranked]) -> list[float | None]:
    """Return how far each hit stands out from the ten others that stand highest.

    Only one can be what was asked for, so a hit in the second place has the first among
    its rivals. Rivals that a small index does not have count as `ASSUMED_SIMILARITY`.
    The n-th rival weighs 1/n: against the plain mean, the log-loss of the probability of
    the first hit fell from .591 to .582 (the demo company), .181 to .172 (StackFAQ) and
    .288 to .269 (Computer Science), cross-validated by thread on the tuning halves. More
    weight on the nearest rival gained more on the last two and nothing on the first,
    where threads stand beside near twins.

    Returns:
        None for a hit that was not looked at again, or has no similarity.
    """
    standings = [each.standing for each in ranked]
    highest = sorted((each for each in standings if each is not None), reverse=True)
    del highest[RIVALS + 1 :]

    def rivals_of(own: float) -> float:
        rivals = list(highest)
        if own >= rivals[-1]:
            rivals.remove(own)  # whichever of equals: the others are the same numbers
        rivals = rivals[:RIVALS]
        rivals += [ASSUMED_SIMILARITY] * (RIVALS - len(rivals))
        return sum(weight * each for weight, each in zip(_RIVAL_WEIGHTS, rivals, strict=True))

    return [None if own is None else own - rivals_of(own) for own in standings]


def combine_title_and_body(
    by_title: Mapping[int, float], by_both: Mapping[int, float]
) -> dict[int, float]:
    """Return the mean of both similarities, when the asker's body is known.

    Measured on duplicates of a computer-science site: precision at 1 rises from .30
    for the title alone to .34.

    Args:
        by_title: owner to similarity with what was typed as the title.
        by_both: owner to similarity with the title and the body as one text.

    Returns:
        The owners that are in both; `OrganizationIndex.similarities` completes a side.
    """
    return {
        owner: (similarity + by_both[owner]) / 2
        for owner, similarity in by_title.items()
        if owner in by_both
    }
