"""Who is asked about a question: the likeliest to know, a newcomer now and then, nobody too often.

choose() knows no vectors: what is near was found by search/expertise. pick() knows no tables:
`peerqa eval-routing` asks it about a history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy.orm import Session

from peerqa.models import Question
from peerqa.services.routing.availability import Available, list_available
from peerqa.services.routing.evidence import read_standings
from peerqa.services.routing.scoring import LOAD, Numbers, Standing, Why
from peerqa.services.routing.working_time import at_work_from

MOST_LOOKED_AT = 40  # experts, and as many newcomers: of them somebody is available
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be asked."""

    member_id: int
    standing: Standing
    load: int = 0  # questions that they were asked in the last 30 days
    wait_days: float = 0.0  # until they are at work


@dataclass(frozen=True)
class Choice:
    """Somebody to ask, and why, in the parts of one sentence."""

    member_id: int
    why: Why
    count: int = 0
    name: str = ""
    has_newcomers_place: bool = False


def choose(
    session: Session,
    *,
    question: Question,
    near: Mapping[int, float],
    at: datetime,
    numbers: Numbers,
    count: int,
    first_slot: int = 0,
) -> tuple[list[Choice], dict[int, Available]]:
    """Return whom to ask next, and all who could be.

    Args:
        near: question → similarity, from search/expertise; not the question itself.
        count: people at most.
        first_slot: how many were chosen for it before.
    """
    standings = read_standings(
        session, question, near, at=at, half_life_days=numbers.half_life_days
    )
    available = list_available(session, question, _first(standings), at=at, numbers=numbers)
    works = {each.work for each in available.values()}  # of many people a few
    waits = {work: (at_work_from(at, work) - at) / DAY for work in works}
    candidates = [
        Candidate(member_id, standings[member_id], each.asked_lately, waits[each.work])
        for member_id, each in available.items()
    ]
    chosen = pick(
        question.id, candidates, count=count, first_slot=first_slot,
        newcomer_every=numbers.newcomer_every,
    )  # fmt: skip
    return chosen, available


def _first(standings: Mapping[int, Standing]) -> list[int]:
    """Return the members that are worth a look, experts and newcomers."""
    order = sorted(standings, key=lambda each: (-standings[each].score, each))
    newcomers = [each for each in order if standings[each].is_newcomer]
    return list(dict.fromkeys([*order[:MOST_LOOKED_AT], *newcomers[:MOST_LOOKED_AT]]))


def pick(
    question_id: int,
    candidates: Sequence[Candidate],
    *,
    count: int,
    newcomer_every: int,
    first_slot: int = 0,
) -> list[Choice]:
    """Return at most `count` of the candidates, the same for the same question every time."""
    soonest = min((each.wait_days for each in candidates), default=0.0)
    experts = sorted(
        (each for each in candidates if each.standing.score > 0),
        key=lambda each: (-_value(each, soonest), each.member_id),
    )
    # the least asked first, so that the same newcomer is not asked again and again
    newcomers = sorted(
        (each for each in candidates if each.standing.is_newcomer and each.standing.score >= 0),
        key=lambda each: (each.load, -_value(each, soonest), _draw(question_id, each.member_id)),
    )
    chosen: dict[int, Choice] = {}
    for slot in range(first_slot, first_slot + count):
        is_wanted = is_for_newcomer(question_id, slot, newcomer_every)
        order = [*newcomers, *experts] if is_wanted else experts
        found = next((each for each in order if each.member_id not in chosen), None)
        if found is not None:
            is_newcomers = is_wanted and found.standing.is_newcomer
            why = found.standing.explain()
            chosen[found.member_id] = Choice(found.member_id, *why, is_newcomers)
    return list(chosen.values())


def is_for_newcomer(question_id: int, slot: int, every: int) -> bool:
    """Whether this place goes to a newcomer: one in `every`, spread over questions and slots."""
    return every > 0 and _draw(question_id, slot) % every == 0


def _value(candidate: Candidate, soonest: float) -> float:
    """Weigh what somebody knows by how often they were asked, and by when they are at work."""
    value: float = candidate.standing.score * 0.5 ** (candidate.wait_days - soonest)
    return value / (1 + LOAD * candidate.load)


def _draw(question_id: int, other: int) -> int:
    digest = blake2b(f"{question_id}-{other}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big")
