"""How well routing finds those who know: a history is replayed, question by question.

Of each question only what was known when it was asked is evidence; whoever gave it an answer that
later helped or was accepted is who knew. Routing asks three, as it does: newcomers in their places,
and less of whoever was asked lately. Beside it stand three simple ways to choose: the most active,
who answered most about the same topics, and chance, which is computed and not drawn.

Weights were chosen on the earlier half of the questions, by date; the later half is what counts.
"""

from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import comb
from typing import Literal

from sqlalchemy.orm import Session

from peerqa.errors import N_, PeerQAError
from peerqa.evaluation.histories import Asked, Given, History
from peerqa.search.candidates import Typed
from peerqa.search.engine import SearchEngine
from peerqa.search.expertise import BY_WORDS, MOST_BODY
from peerqa.search.hits import Reader
from peerqa.services.routing.choosing import Candidate, pick
from peerqa.services.routing.scoring import ALIKE, Evidence, Numbers, Standing, score

FEWEST_EARLIER = 5  # answers before a question; with fewer nobody could know who knows
ASKED = 3
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
Part = Literal["earlier", "later", "all"]
METHODS = ("peerqa", "most active", "same topics")


class NothingToReplay(PeerQAError):
    """The history is too short."""

    code = "nothing-to-replay"


@dataclass
class Tally:
    """What one way to choose has done."""

    hits: int = 0
    reciprocal: float = 0.0
    covered: int = 0
    loads: Counter[int] = field(default_factory=Counter)

    def add(self, order: Sequence[int], knew: Collection[int]) -> None:
        """Judge an order of people, the first of whom are asked."""
        asked = order[:ASKED]
        self.loads.update(asked)
        self.covered += bool(asked)
        self.hits += any(each in knew for each in asked)
        place = next((n for n, each in enumerate(order, 1) if each in knew), None)
        self.reciprocal += 1 / place if place else 0.0


def replay(
    session: Session,
    engine: SearchEngine,
    reader: Reader,
    history: History,
    *,
    numbers: Numbers,
    part: Part,
) -> Mapping[str, object]:
    """Replay a history, and judge every way to choose.

    Raises:
        NothingToReplay: no question of it was answered well by somebody else.
    """
    found = _Found()
    recent: deque[tuple[datetime, int]] = deque()
    before = _Before()
    for place, asked in enumerate(history.questions):
        before.advance(history, asked.at)
        knew = _who_knew(history, asked)
        is_in = part == "all" or (part == "earlier") == (place < len(history.questions) // 2)
        if not (is_in and knew and before.count >= FEWEST_EARLIER):
            continue
        near = _near(session, engine, reader, history.questions[place:], asked, numbers)
        order, newcomers = _route(history, asked, near, recent, numbers)
        recent.extend((asked.at, each) for each in order[:ASKED])
        found.add(asked, order, newcomers, knew, before)
    if not found.questions:
        raise NothingToReplay(
            N_("Nothing here can be replayed: it takes answers that were voted for or accepted.")
        )
    people = len({given.author_id for each in history.answers.values() for given in each})
    is_without_model = engine.find_encoder() is None
    return {**found.figures(people), "part": part, "by_words_only": is_without_model}


@dataclass
class _Found:
    """How all ways to choose have done so far."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in METHODS})
    questions: int = 0
    newcomers: int = 0
    chance: float = 0.0

    def add(
        self,
        asked: Asked,
        order: Sequence[int],
        newcomers: int,
        knew: Collection[int],
        before: "_Before",
    ) -> None:
        """Judge one question."""
        self.questions += 1
        self.newcomers += newcomers
        others = {each: n for each, n in before.answers.items() if each != asked.asker_id}
        for name, ranked in zip(
            METHODS, (order, _most(others), _most(before.about(asked))), strict=True
        ):
            self.tallies[name].add(ranked, knew)
        self.chance += _hit_by_chance(len(others), len(others.keys() & set(knew)))

    def figures(self, people: int) -> dict[str, object]:
        """Return all figures.

        Args:
            people: who ever answered: among them the work could be spread.
        """
        methods = {
            name: _figures(tally, self.questions, people) for name, tally in self.tallies.items()
        }
        places = max(1, self.tallies["peerqa"].loads.total())
        return {
            "questions": self.questions,
            "people": people,
            "methods": {**methods, "chance": {"hit@3": round(self.chance / self.questions, 3)}},
            "newcomers": round(self.newcomers / places, 3),
        }


@dataclass
class _Before:
    """Who had answered what, at an instant that moves on."""

    count: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    by_topic: dict[str, Counter[int]] = field(default_factory=dict)
    _rest: list[tuple[Given, frozenset[str]]] | None = None

    def advance(self, history: History, at: datetime) -> None:
        """Take in what was answered before this instant."""
        if self._rest is None:
            topics = {each.id: each.topics for each in history.questions}
            self._rest = sorted(
                ((given, topics.get(given.question_id, frozenset()))
                 for each in history.answers.values() for given in each),
                key=lambda row: (row[0].at, row[0].id), reverse=True,
            )  # fmt: skip
        while self._rest and self._rest[-1][0].at < at:
            given, names = self._rest.pop()
            self.count += 1
            self.answers[given.author_id] += 1
            for name in names:
                self.by_topic.setdefault(name, Counter())[given.author_id] += 1

    def about(self, asked: Asked) -> Counter[int]:
        """Count who answered about the topics of a question, its asker left out."""
        found: Counter[int] = Counter()
        for name in asked.topics:
            found.update(self.by_topic.get(name, Counter()))
        del found[asked.asker_id or 0]
        return found


def _near(
    session: Session,
    engine: SearchEngine,
    reader: Reader,
    later: Sequence[Asked],
    asked: Asked,
    numbers: Numbers,
) -> dict[int, float]:
    """Return what was near, among the questions that had been asked."""
    found = engine.finder.find(
        session, reader, Typed(asked.title, asked.plain[:MOST_BODY]), count=numbers.near,
        exclude={each.id for each in later},
    )  # fmt: skip
    return {
        each.owner: BY_WORDS if each.similarity is None else each.similarity
        for each in found.ranked[: numbers.near]
    }


def _route(
    history: History,
    asked: Asked,
    near: Mapping[int, float],
    recent: deque[tuple[datetime, int]],
    numbers: Numbers,
) -> tuple[list[int], int]:
    """Return all in the order of routing; and how many of the first have newcomers' places."""
    while recent and recent[0][0] <= asked.at - MONTH:
        recent.popleft()
    loads = Counter(each for _, each in recent)
    standings = score(_evidence(history, asked, near), half_life_days=numbers.half_life_days)
    for each in _askers(history, near, asked.at):
        standings.setdefault(each, Standing())
    standings.pop(asked.asker_id or 0, None)
    people = [Candidate(each, known, loads[each]) for each, known in standings.items()]
    first = pick(asked.id, people, count=ASKED, newcomer_every=numbers.newcomer_every)
    rest = pick(asked.id, people, count=len(people), newcomer_every=0)
    order = dict.fromkeys(each.member_id for each in (*first, *rest))
    return list(order), sum(each.has_newcomers_place for each in first)


def _evidence(history: History, asked: Asked, near: Mapping[int, float]) -> list[Evidence]:
    by_id = {each.id: each for each in history.questions}
    found = []
    for question_id, similarity in near.items():
        thread = by_id.get(question_id)
        for given in history.answers.get(question_id, ()):
            if thread is None or given.at >= asked.at or given.author_id == thread.asker_id:
                continue
            known = [is_accepted for at, is_accepted in given.credits if at < asked.at]
            found.append(
                Evidence(
                    given.author_id, similarity, (asked.at - given.at) / DAY,
                    is_accepted=any(known), helped=known.count(False),
                    topic=min(thread.topics & asked.topics, default=""),
                    has_same_asker=thread.asker_id is not None
                    and thread.asker_id == asked.asker_id,
                )
            )  # fmt: skip
    return found


def _askers(history: History, near: Mapping[int, float], at: datetime) -> set[int]:
    """Return who asked something near and had an answer by then."""
    return {
        each.asker_id
        for each in history.questions
        if each.asker_id is not None
        and near.get(each.id, 0.0) >= ALIKE
        and any(given.at < at for given in history.answers.get(each.id, ()))
    }


def _who_knew(history: History, asked: Asked) -> set[int]:
    return {
        given.author_id
        for given in history.answers.get(asked.id, ())
        if given.credits and given.author_id != asked.asker_id
    }


def _most(counts: Mapping[int, int]) -> list[int]:
    return sorted(counts, key=lambda each: (-counts[each], each))


def _hit_by_chance(people: int, knowing: int) -> float:
    """Return how likely three drawn people have one who knows."""
    if people <= ASKED:
        return float(knowing > 0)
    return 1 - comb(people - knowing, ASKED) / comb(people, ASKED)


def _figures(tally: Tally, count: int, people: int) -> dict[str, float]:
    return {
        "hit@3": round(tally.hits / count, 3),
        "mrr": round(tally.reciprocal / count, 3),
        "coverage": round(tally.covered / count, 3),
        "gini": round(gini([tally.loads[each] for each in tally.loads], people), 3),
    }


def gini(loads: Sequence[int], people: int) -> float:
    """Return how unevenly work is spread: 0 for evenly, towards 1 for all of it on one.

    Args:
        loads: of those who have any.
        people: all among whom it could be spread.
    """
    ordered = sorted([*loads, *[0] * (people - len(loads))])
    total = sum(ordered)
    if not total:
        return 0.0
    weighted = sum(place * load for place, load in enumerate(ordered, 1))
    return 2 * weighted / (people * total) - (people + 1) / people
