"""Offices that are made up: colleagues who answer and read, and a few who are not fair.

Who is active, who knows what, and how good an answer is are drawn; people read in sessions, mostly
about what they know, and vote for what is good, more for two friends each. Written before any
threshold was chosen, and the seeds that tests report are not those that these were chosen with.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from peerqa.services.recognition.fairness import Gift, Offer

BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAYS = 90
ENOUGH = 15  # answers of who is voted for unfairly
UNFAIR_VOTES = 12


@dataclass
class Office:
    """What was voted for in some months, and which votes were not fair."""

    gifts: list[Gift] = field(default_factory=list)
    offer: Offer = field(default_factory=Offer)
    unfair: set[tuple[int, int]] = field(default_factory=set)  # giver, post


@dataclass(frozen=True)
class Size:
    people: int
    topics: int
    answers: int
    votes: int


def make_office(
    seed: int, size: Size, *, pairs: int = 0, rings: int = 0, bursts: int = 0
) -> Office:
    return _Maker(seed, size).make(pairs, rings, bursts)


class _Maker:
    def __init__(self, seed: int, size: Size) -> None:
        self._draw, self._size = random.Random(seed), size
        self._people = list(range(1, size.people + 1))
        self._active = [self._draw.paretovariate(1.2) for _ in self._people]
        few = [1, 1, 2, 3]
        self._knows = {
            each: self._draw.sample(range(size.topics), min(size.topics, self._draw.choice(few)))
            for each in self._people
        }
        self._friends = {
            each: self._draw.sample([o for o in self._people if o != each], min(2, size.people - 1))
            for each in self._people
        }
        self._answers = [self._answer(number) for number in range(size.answers)]
        self._office = Office()
        self._given: set[tuple[int, int]] = set()

    def _someone(self) -> int:
        return self._draw.choices(self._people, self._active)[0]

    def _answer(self, number: int):
        author = self._someone()
        topic = self._draw.choice(self._knows[author]) + 1
        return number, author, (1, topic), self._draw.betavariate(2, 3)

    def make(self, pairs: int, rings: int, bursts: int) -> Office:
        self._read()
        written = Counter(author for _, author, _, _ in self._answers)
        able = [each for each in self._people if written[each] >= ENOUGH]
        self._draw.shuffle(able)
        for size in [2] * pairs + [3] * rings:
            circle = [able.pop() for _ in range(size)] if len(able) >= size else []
            for giver, receiver in zip(circle, circle[1:] + circle[:1], strict=True):
                self._favour(giver, receiver, UNFAIR_VOTES)
        for _ in range(bursts if able else 0):
            receiver = able.pop()
            giver = self._draw.choice([each for each in self._people if each != receiver])
            self._favour(giver, receiver, 8, minutes=10)
        votes = Counter(gift.post_id for gift in self._office.gifts)
        for number, author, subject, _quality in self._answers:
            self._office.offer.add(subject, author, votes=votes[number])
        return self._office

    def _read(self) -> None:
        by_subject = defaultdict(list)
        for each in self._answers:
            by_subject[each[2]].append(each)
        for _ in range(3 * self._size.votes):
            if len(self._office.gifts) >= self._size.votes:
                return
            reader = self._someone()
            subject = (1, self._draw.choice(self._knows[reader]) + 1)
            if self._draw.random() > 0.8 or subject not in by_subject:
                subject = self._draw.choice(list(by_subject))
            at = BEGAN + timedelta(days=self._draw.random() * DAYS)
            for minute in range(self._draw.choice([1, 1, 2, 3, 6])):
                number, author, about, quality = self._draw.choice(by_subject[subject])
                liking = quality * (1.8 if author in self._friends[reader] else 1)
                if self._draw.random() < liking:
                    self._give(reader, number, author, about, at + timedelta(minutes=minute))

    def _give(self, giver, number, author, subject, at) -> bool:
        if author == giver or (giver, number) in self._given:
            return False
        self._given.add((giver, number))
        self._office.gifts.append(Gift(giver, author, at, number, subject))
        return True

    def _favour(self, giver, receiver, count, *, minutes: int | None = None) -> None:
        theirs = [each for each in self._answers if each[1] == receiver]
        start = BEGAN + timedelta(days=self._draw.random() * DAYS)
        for number, author, subject, _quality in self._draw.sample(theirs, min(count, len(theirs))):
            later = timedelta(minutes=self._draw.random() * minutes) if minutes else None
            at = start + later if later else BEGAN + timedelta(days=self._draw.random() * DAYS)
            if self._give(giver, number, author, subject, at):
                self._office.unfair.add((giver, number))
