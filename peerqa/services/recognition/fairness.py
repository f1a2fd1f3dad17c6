"""Finding "helped me too" that did not come about fairly; pure, of what was given to whom and when.

Colleagues who sit together read and thank each other, and that is what all of this is for. So it is
never asked how much two people give each other, but how much more than what they read would
explain: a vote is compared with what else there was to vote for on the same subject, weighed by
what others thought of it. Where fewer than five people answer about a subject nothing is accused.

Two patterns are looked for. A *burst*: many votes for one person within minutes, where somebody who
reads would have met others as well. A *ring*: two people or more, each of whom gives the next far
more than that, back to the first. Who admires one colleague, and gets nothing for it, is no ring.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import prod

FEWEST_PEOPLE = 5  # who answer about a subject, the giver left out; with fewer nothing is known
BURST = timedelta(minutes=15)
FEWEST_IN_BURST = 5
BURST_CHANCE = 1e-4  # that who reads meets one person's answers alone
FEWEST_IN_RING = 6  # from one to the next, within the window
RING_CHANCE = 1e-4  # of so many or more, each way: both together are one in a hundred million
RING_TIMES = 3.0  # what is expected, at least: a favourite colleague is not yet a ring
Subject = tuple[int, int]  # space, and one topic of the question; 0 for none


class Pattern(StrEnum):
    """What was found."""

    BURST = "burst"
    RING = "ring"


@dataclass(frozen=True)
class Gift:
    """One vote for an answer."""

    giver: int
    receiver: int
    at: datetime
    post_id: int
    subject: Subject


@dataclass(frozen=True)
class Found:
    """Votes that make a pattern together."""

    pattern: Pattern
    gifts: tuple[Gift, ...]

    @property
    def people(self) -> frozenset[int]:
        """All who gave or were given."""
        return frozenset(each for gift in self.gifts for each in (gift.giver, gift.receiver))


@dataclass
class Offer:
    """What there was to vote for: subject → author → weight of their answers."""

    weights: dict[Subject, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, subject: Subject, author: int, *, votes: int) -> None:
        """Add an answer, and what it was voted for by everybody."""
        self.weights[subject][author] += 1 + votes

    def share(
        self, subject: Subject, giver: int, receiver: int, own: Mapping[int, int]
    ) -> float | None:
        """Return how likely a vote of the giver is for the receiver; None where it cannot be said.

        Args:
            own: receiver → votes of the giver about this subject, which are no evidence.
        """
        others = {
            author: weight - own.get(author, 0)
            for author, weight in self.weights[subject].items()
            if author != giver
        }
        if len(others) < FEWEST_PEOPLE:
            return None
        return others.get(receiver, 1) / max(1, sum(others.values()))


def find(gifts: Sequence[Gift], offer: Offer) -> list[Found]:
    """Return the patterns in the votes of some months, each vote in one at most."""
    own: dict[tuple[int, Subject], Counter[int]] = defaultdict(Counter)
    by_giver: dict[int, list[Gift]] = defaultdict(list)
    for gift in sorted(gifts, key=lambda each: (each.at, each.post_id)):
        own[gift.giver, gift.subject][gift.receiver] += 1
        by_giver[gift.giver].append(gift)

    def share(gift: Gift, receiver: int) -> float | None:
        known = own[gift.giver, gift.subject]
        return offer.share(gift.subject, gift.giver, receiver, known)

    shares = _Shares(share)
    bursts = [each for given in by_giver.values() for each in _bursts(given, shares)]
    taken = {gift for each in bursts for gift in each.gifts}
    favours = {
        (giver, receiver): gifts
        for giver, given in by_giver.items()
        for receiver, gifts in _favours(given, shares).items()
    }
    rings = [
        Found(Pattern.RING, tuple(gift for gift in gifts if gift not in taken))
        for gifts in _rings(favours)
    ]
    return [*bursts, *(each for each in rings if each.gifts)]


class _Shares:
    """Remembers what was asked: many votes are of one subject."""

    def __init__(self, ask: object) -> None:
        self._ask = ask
        self._known: dict[tuple[int, Subject, int], float | None] = {}

    def of(self, gift: Gift, receiver: int) -> float | None:
        key = (gift.giver, gift.subject, receiver)
        if key not in self._known:
            self._known[key] = self._ask(gift, receiver)  # type: ignore[operator]  # find()'s
        return self._known[key]


def _bursts(given: Sequence[Gift], shares: _Shares) -> Iterable[Found]:
    """Yield runs of one giver's votes for one receiver, as long as they are, none twice."""
    by_receiver: dict[int, list[Gift]] = defaultdict(list)
    for gift in given:
        by_receiver[gift.receiver].append(gift)
    for receiver, gifts in by_receiver.items():
        start = 0
        while start < len(gifts):
            end = start
            while end < len(gifts) and gifts[end].at - gifts[start].at <= BURST:
                end += 1
            run = gifts[start:end]
            known = [shares.of(gift, receiver) for gift in run]
            chances = [each for each in known if each is not None]
            is_one = len(chances) == len(run) >= FEWEST_IN_BURST
            if is_one and prod(chances) <= BURST_CHANCE:
                yield Found(Pattern.BURST, tuple(run))
                start = end
            else:
                start += 1


def _favours(given: Sequence[Gift], shares: _Shares) -> dict[int, list[Gift]]:
    """Return to whom a giver gives far more than what they read would explain."""
    found: dict[int, list[Gift]] = {}
    counts = Counter(gift.receiver for gift in given)
    for receiver, _count in counts.items():
        if _count < FEWEST_IN_RING:
            continue
        known = [(gift, shares.of(gift, receiver)) for gift in given]
        chances = [chance for _, chance in known if chance is not None]
        gifts = [g for g, chance in known if g.receiver == receiver and chance is not None]
        if len(gifts) < max(FEWEST_IN_RING, RING_TIMES * sum(chances)):
            continue
        if tail(chances, len(gifts)) <= RING_CHANCE:
            found[receiver] = gifts
    return found


def tail(chances: Sequence[float], count: int) -> float:
    """Return the chance that at least so many happen, of things of these chances.

    A Poisson binomial, exact, by convolution: Hong, "On computing the distribution function for
    the Poisson binomial distribution", 2013, section 2.
    """
    below = [1.0] + [0.0] * count  # below[n]: exactly n so far; what reaches count stays out
    for chance in chances:
        for number in range(count - 1, 0, -1):
            below[number] = below[number] * (1 - chance) + below[number - 1] * chance
        below[0] *= 1 - chance
    return max(0.0, 1.0 - sum(below[:count]))


def _rings(favours: Mapping[tuple[int, int], list[Gift]]) -> Iterable[list[Gift]]:
    """Yield the votes inside each ring: people who reach each other by favours, both ways."""
    following: dict[int, set[int]] = defaultdict(set)
    for giver, receiver in favours:
        following[giver].add(receiver)
    reach = {each: _reached(each, following) for each in list(following)}
    seen: set[int] = set()
    for each in sorted(reach):
        if each in seen or each not in reach[each]:
            continue
        ring = {other for other in reach[each] if each in reach.get(other, set())}
        seen |= ring
        yield sorted(
            (
                gift
                for (giver, receiver), gifts in favours.items()
                if giver in ring and receiver in ring
                for gift in gifts
            ),
            key=lambda gift: (gift.at, gift.post_id, gift.giver),
        )


def _reached(start: int, following: Mapping[int, set[int]]) -> set[int]:
    reached: set[int] = set()
    waiting = list(following.get(start, ()))
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting.extend(following.get(each, ()))
    return reached
