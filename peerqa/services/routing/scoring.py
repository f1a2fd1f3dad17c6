"""How likely a member is to know: a pure function of what they have answered, and for whom.

Every answer to a near question counts, more where it was accepted, vouched for or helped others,
and half as much for each half-life of its age: who left a subject behind is asked about it less.
How near a question stands counts by its square, so that ten questions far off do not outweigh one
of the same kind; a small constant is added to it, since who helps at all lately helps again.

The weights were chosen on the first half, by date, of an imported community; `peerqa eval-routing`
reports the second half.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import log2

HELPFULNESS = 0.1  # added to the square of a similarity: what who helps anywhere near has
SHARED_TOPIC = 0.05  # the same for an answer about a topic of the question
ANSWERED, ACCEPTED, VERIFIED, HELPED = 0.5, 0.5, 0.5, 0.5  # the last one for each doubling
GUIDE = 1.5  # as an answer that was accepted and vouched for
SAME_ASKER = 0.75  # of what one did for the same asker: two colleagues are no subject
SAID_SO = 0.3  # declared skills and keepers: about one helpful answer to a near question
NOT_MINE = 1.0  # taken off, times the square of the similarity: "this is not my subject"
ALIKE = 0.35  # similarity from which a question is called "like this" to who is asked
LOAD = 0.1  # for each question that one was asked in the last 30 days, a tenth more is wanted


class Why(StrEnum):
    """Why somebody is asked; each is one sentence in web/routing/said.py."""

    SOLVED = "solved"  # count: near questions that their answers helped with; name: a topic
    ANSWERED = "answered"  # count: near questions; nobody said that it helped
    NEAR = "near"  # what they answered is near, and not like it
    SKILL = "skill"  # name: the topic
    KEEPER = "keeper"  # name: the topic
    GUIDE = "guide"
    LEARNED = "learned"  # asked something near once, and got an answer
    STEWARD = "steward"
    HAND = "hand"  # somebody invited them


@dataclass(frozen=True)
class Numbers:
    """What is chosen by settings (PEERQA_ROUTING_…), where each has its reason."""

    people: int = 3
    more: int = 2
    newcomer_every: int = 5
    per_week: int = 5
    wait_hours: int = 8
    take_hours: int = 8
    half_life_days: int = 90
    near: int = 100
    fresh_days: int = 14
    works_from: int = 9
    works_until: int = 17


@dataclass(frozen=True)
class Evidence:
    """An answer of a member to a question that is near, or a guide about it."""

    member_id: int
    similarity: float  # of the question, cosine
    age_days: float
    is_accepted: bool = False
    is_verified: bool = False
    is_guide: bool = False
    helped: int = 0  # "helped me too", and solved without asking
    topic: str = ""  # that it shares with the question
    has_same_asker: bool = False

    @property
    def was_helpful(self) -> bool:
        """Whether somebody said so."""
        return self.is_accepted or self.is_verified or self.is_guide or self.helped > 0


@dataclass
class Standing:
    """What is known of a member about one question."""

    score: float = 0.0
    solved: int = 0
    answered: int = 0
    solved_alike: int = 0
    answered_alike: int = 0
    topic: str = ""
    has_guide: bool = False
    said: Why | None = None  # a declared skill, or keeper

    @property
    def is_newcomer(self) -> bool:
        """Whether they hardly ever answered about this."""
        return self.answered <= 2 and self.solved <= 1 and not self.has_guide

    def explain(self) -> tuple[Why, int, str]:
        """Return the strongest reason, a count and a name for its sentence."""
        if self.solved_alike:
            return Why.SOLVED, self.solved_alike, self.topic
        if self.has_guide:
            return Why.GUIDE, 0, ""
        if self.said is not None:
            return self.said, 0, self.topic
        if self.answered_alike:
            return Why.ANSWERED, self.answered_alike, ""
        return (Why.NEAR if self.answered else Why.LEARNED), 0, ""


def worth(evidence: Evidence, *, half_life_days: float) -> float:
    """Return what one answer adds; above 0."""
    merit = (
        GUIDE
        if evidence.is_guide
        else ANSWERED
        + ACCEPTED * evidence.is_accepted
        + VERIFIED * evidence.is_verified
        + HELPED * log2(1 + evidence.helped)
    )
    near = max(0.0, evidence.similarity) ** 2 + HELPFULNESS + SHARED_TOPIC * bool(evidence.topic)
    bias = SAME_ASKER if evidence.has_same_asker else 1.0
    decay: float = 0.5 ** (max(0.0, evidence.age_days) / half_life_days)
    return merit * near * bias * decay


def score(rows: Iterable[Evidence], *, half_life_days: float) -> dict[int, Standing]:
    """Return what is known of each member who answered near the question."""
    standings: dict[int, Standing] = {}
    for row in rows:
        known = standings.setdefault(row.member_id, Standing())
        known.score += worth(row, half_life_days=half_life_days)
        known.has_guide |= row.is_guide
        if not row.is_guide:
            is_alike = row.similarity >= ALIKE
            known.answered += 1
            known.solved += row.was_helpful
            known.answered_alike += is_alike
            known.solved_alike += is_alike and row.was_helpful
        if row.was_helpful:
            known.topic = known.topic or row.topic
    return standings
