"""Searching among the questions that pass filters, and in other orders than the best.

Filters decide before anything is ranked, so that three questions among ten thousand are found as
surely as three alone: a few are compared one by one, and of many the others are looked past.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.models import Question
from peerqa.search.answers import with_answers
from peerqa.search.candidates import FEW, Choice
from peerqa.search.hits import Hit, Reader, Results
from peerqa.search.sight import visible
from peerqa.services.finding.filters import Filters, Order, list_ids, list_passing, sort_ids

SHARE_OF_NEAREST = 2 / 3
"""Of the nearest's similarity, that a hit must have where the nearest do not stand first."""


def choose(session: Session, filters: Filters) -> Choice:
    """Return the questions that pass."""
    passing = list_passing(session, filters)
    if len(passing) <= FEW:
        return Choice(passing)
    everything = select(Question.id).where(
        Question.organization_id == filters.member.organization_id
    )
    return Choice(passing, frozenset(session.scalars(everything)) - passing)


def put_in_order(session: Session, hits: Sequence[Hit], order: Order) -> list[Hit]:
    """Put hits in the order that is wanted; they come best first.

    Whatever is faintly near would come first by its date alone, so only what is nearly as near as
    the nearest stays, and what was found by its words.
    """
    if order == "best":
        return list(hits)
    nearest = max((hit.similarity for hit in hits if hit.similarity is not None), default=0.0)
    near = {
        hit.question.id: hit
        for hit in hits
        if hit.similarity is None or hit.similarity >= SHARE_OF_NEAREST * nearest
    }
    return [near[each] for each in sort_ids(session, near, order=order)]


def list_hits(
    session: Session,
    reader: Reader,
    filters: Filters | None,
    order: Order,
    *,
    start: int,
    limit: int,
) -> Results:
    """Return a page of all that passes the filters; nothing was looked for, so nothing claims."""
    if filters is None:
        return Results([], None, by_words_only=False)
    ids = list_ids(session, filters, order=order, start=start, limit=limit + 1)
    questions = visible(session, reader, ids[:limit])
    hits = [
        Hit(questions[each], None, None, None, None, None, None)
        for each in ids[:limit]
        if each in questions
    ]
    return Results(
        with_answers(session, hits, None, None),
        start + limit if len(ids) > limit else None,
        by_words_only=False,
    )
