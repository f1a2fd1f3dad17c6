"""The order in which questions are shown, each once: a duplicate as its original, twins as one.

What is as good as equally near is ordered by what else is known of it. These priors are small on
purpose: all of them together move a hit by less than its neighbours mostly lie apart, so they break
near-ties and nothing else, and the gate hears nothing of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from indexer.ranking import REFINED, Ranked
from peerqa.models import Question, Topic
from peerqa.search.candidates import Typed
from peerqa.search.hits import FoundQuestion

ANSWERED = 0.006
ACCEPTED = 0.004
SAME_SPACE = 0.005
SHARED_TOPIC = 0.005
"""On a score that is about a cosine. Together .02; see the README for what they were measured to
do. A verified answer counts as an accepted one, and both as one: the sum stays as measured."""

Shown = tuple[FoundQuestion, Ranked]

_TOPICS = (
    select(Question.id)
    .join(Question.topics)
    .where(
        Question.id.in_(bindparam("ids", expanding=True)),
        func.lower(Topic.name).in_(bindparam("names", expanding=True)),
    )
    .distinct()
)


@dataclass(frozen=True)
class Nearness:
    """Where a question is being asked, and which of the found ones share a topic with it."""

    space_id: int | None = None
    sharing_topics: frozenset[int] = frozenset()


NOWHERE = Nearness()


def nearness(session: Session, typed: Typed, questions: Mapping[int, FoundQuestion]) -> Nearness:
    """Return what was chosen beside the text; a query only where topics were."""
    names = [name.strip().lower() for name in typed.topic_names if name.strip()]
    if not names or not questions:
        return Nearness(typed.space_id)
    sharing = session.scalars(_TOPICS, {"ids": list(questions), "names": names})
    return Nearness(typed.space_id, frozenset(sharing))


def canonical(
    questions: Mapping[int, FoundQuestion], ranked: Sequence[Ranked], near: Nearness = NOWHERE
) -> list[Shown]:
    """Return the questions in order, each once.

    A duplicate is shown as its original. Of questions that say the same, the one that is better
    answered stands where the first of them was found.
    """
    originals = {each.owner: _original(questions, each.owner) for each in ranked}
    shown: dict[int, Shown] = {}
    for each in _nudged(ranked, originals, near):
        question = originals[each.owner]
        first = originals.get(each.same_as or each.owner, question)
        before = shown.get(first.id)
        if before is None:
            shown[first.id] = (question, each)
        elif _is_better(question, before[0]):
            shown[first.id] = (question, before[1])
    once: dict[int, Shown] = {}
    for question, each in shown.values():
        once.setdefault(question.id, (question, each))
    return list(once.values())


def _original(questions: Mapping[int, FoundQuestion], owner: int) -> FoundQuestion:
    question, seen = questions[owner], {owner}
    while (after := questions.get(question.duplicate_of_id or 0)) and after.id not in seen:
        question = after
        seen.add(after.id)
    return question


def _nudged(
    ranked: Sequence[Ranked], originals: Mapping[int, FoundQuestion], near: Nearness
) -> list[Ranked]:
    """Order the first hits by their score and what else is known; no later one comes in."""
    head = sorted(
        ranked[:REFINED],
        key=lambda each: (-each.score - _prior(originals[each.owner], near), each.owner),
    )
    return [*head, *ranked[REFINED:]]


def _prior(question: FoundQuestion, near: Nearness) -> float:
    return (
        ANSWERED * bool(question.live_count)
        + ACCEPTED * (question.is_verified or (question.is_solved and not question.is_retired))
        + SAME_SPACE * (question.space_id == near.space_id)
        + SHARED_TOPIC * (question.id in near.sharing_topics)
    )


def _is_better(one: FoundQuestion, other: FoundQuestion) -> bool:
    """Tell whether a question is better answered than another."""
    return _worth(one) > _worth(other)


def _worth(question: FoundQuestion) -> tuple[bool, bool, bool]:
    is_live = bool(question.live_count)
    return (question.is_verified, is_live and question.is_solved, is_live)
