"""Examples of what leads to which thread: titles of duplicates, and what was typed and confirmed.

Of posts that are deleted, and of threads without an answer, nothing is used. What contradicts
itself teaches nothing: the same words that lead to two threads, or a thread that was refused for
these words as often as it was confirmed. What was confirmed had been shown, so it speaks for the
ranking that showed it: whatever is learned must win against that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.models import LookUp, LookUpHit, Organization, Question
from peerqa.models.space import Visibility
from peerqa.search.evidence import find_originals, read_links

MOST_LINKS = 2_000  # the latest
MOST_FEEDBACK = 5_000  # the latest that was said
MOST_TYPED = 2_000  # of what was confirmed; looking one up takes about 20 ms
FEWEST_CHARACTERS = 15  # typed, as many as a look-up begins at

_FEEDBACK = (
    select(
        LookUp.typed,
        LookUp.pseudonym,
        LookUpHit.question_id,
        LookUpHit.outcome,
    )
    .join(LookUpHit, LookUpHit.look_up_id == LookUp.id)
    .order_by(LookUpHit.id.desc())
    .limit(MOST_FEEDBACK)
)


@dataclass(frozen=True)
class Example:
    """Words that lead to a thread."""

    typed: str
    thread: int  # the canonical question
    without: frozenset[int]  # questions that had not been asked then
    space_id: int  # that the person was in
    by: str  # whoever asked or confirmed it, as far as that is known
    is_open: bool  # the whole organization may read the words and the thread
    is_named: bool  # somebody stands for it: not anonymous, and not erased


@dataclass(frozen=True)
class Examples:
    """What there is to learn from, and what was left out of it."""

    examples: Sequence[Example]
    duplicates: int
    confirmed: int
    contradicting: int  # examples that were left out since they contradict others


def read_examples(session: Session, organization: Organization, *, since: datetime) -> Examples:
    """Return the examples of this organization alone.

    Args:
        since: what was said to hits before it is not used.
    """
    originals = find_originals(session, organization)
    links = [
        Example(
            link.title,
            link.original_id,
            frozenset({link.question_id}),
            link.space_id,
            f"question {link.question_id}" if link.author_id is None else f"{link.author_id}",
            link.is_open,
            link.author_id is not None,
        )
        for link in read_links(session, originals, most=MOST_LINKS)
    ]
    typed = _typed(session, organization, originals, since=since)
    agreeing = _without_contradictions([*links, *typed])
    kept = {id(each) for each in agreeing}
    return Examples(
        agreeing,
        sum(id(each) in kept for each in links),
        sum(id(each) in kept for each in typed),
        len(links) + len(typed) - len(agreeing),
    )


def _typed(
    session: Session, organization: Organization, originals: Mapping[int, int], *, since: datetime
) -> list[Example]:
    """Return what was typed before a hit was confirmed, where it was not refused as often."""
    rows = session.execute(
        _FEEDBACK.where(
            LookUp.organization_id == organization.id,
            LookUp.hour_at >= since,
            LookUpHit.outcome.in_(("confirmed", "refused")),
        )
    ).all()
    said: Counter[tuple[str, int]] = Counter()
    first: dict[tuple[str, int], tuple[str, str]] = {}
    for row in rows:
        key = (_folded(row.typed), originals.get(row.question_id, row.question_id))
        said[key] += 1 if row.outcome == "confirmed" else -1
        if row.outcome == "confirmed":
            first.setdefault(key, (row.typed, row.pseudonym))
    threads = _threads(session, organization, {thread for _, thread in first})
    found = []
    for (folded, thread), (typed, pseudonym) in first.items():
        is_told = said[folded, thread] > 0 and len(typed) >= FEWEST_CHARACTERS
        if is_told and thread in threads and folded != _folded(threads[thread].title):
            space_id, is_open = threads[thread].space_id, threads[thread].is_open
            found.append(Example(typed, thread, frozenset(), space_id, pseudonym, is_open, True))
    return found[:MOST_TYPED]


@dataclass(frozen=True)
class _Thread:
    title: str
    space_id: int
    is_open: bool


def _threads(
    session: Session, organization: Organization, question_ids: Iterable[int]
) -> dict[int, _Thread]:
    """Return those of the questions that are there, with an answer."""
    rows = session.execute(
        select(Question.id, Question.title, Question.space_id, Question.visibility).where(
            Question.id.in_(list(question_ids)),
            Question.organization_id == organization.id,
            Question.deleted_at.is_(None),
            Question.answer_count > 0,
        )
    )
    return {
        row.id: _Thread(row.title, row.space_id, row.visibility == Visibility.ORGANIZATION)
        for row in rows
    }


def _without_contradictions(examples: Sequence[Example]) -> list[Example]:
    """Leave out words that lead to several threads."""
    threads: defaultdict[str, set[int]] = defaultdict(set)
    for each in examples:
        threads[_folded(each.typed)].add(each.thread)
    return [each for each in examples if len(threads[_folded(each.typed)]) == 1]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
