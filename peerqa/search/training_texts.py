"""The texts that a model is trained on: what the whole organization may read, of named people.

Posts in closed spaces, anonymous ones and those whose author is gone are left out, and so is all
that is held back.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from indexer.fine_tuning import Pair
from indexer.tuning import is_held_back
from peerqa.models import Answer, Organization, Question
from peerqa.models.space import Visibility
from peerqa.search.examples import Example

MOST_TEXTS = 3  # of a thread: title, title with body, and an answer
MOST_OTHERS = 5_000  # titles that wrong ones are drawn from, the latest


def read_pairs(session: Session, examples: Sequence[Example]) -> list[Pair]:
    """Return what may be trained on, of the part that is not held back."""
    usable = [
        each
        for each in examples
        if each.is_open and each.is_named and not is_held_back(each.thread)
    ]
    threads = {each.thread for each in usable}
    rows = session.execute(
        select(Question.id, Question.title, Question.plain).where(
            Question.id.in_(threads),
            Question.author_id.is_not(None),
            Question.visibility == Visibility.ORGANIZATION,
        )
    )
    texts = {
        row.id: [row.title, *([f"{row.title}\n{row.plain}"] if row.plain.strip() else [])]
        for row in rows
    }
    answered = session.execute(
        select(Answer.question_id, Answer.plain)
        .where(
            Answer.question_id.in_(threads),
            Answer.deleted_at.is_(None),
            Answer.author_id.is_not(None),
        )
        .order_by(Answer.id)
    )
    for question_id, plain in answered:
        if plain.strip() and question_id in texts and len(texts[question_id]) < MOST_TEXTS:
            texts[question_id].append(plain)
    return [
        Pair(each.typed, texts[each.thread], each.thread) for each in usable if each.thread in texts
    ]


def read_titles(session: Session, organization: Organization) -> list[str]:
    """Return the latest titles that everybody may read; wrong answers are drawn from them."""
    titles = (
        select(Question.title)
        .where(
            Question.organization_id == organization.id,
            Question.deleted_at.is_(None),
            Question.duplicate_of_id.is_(None),
            Question.author_id.is_not(None),
            Question.visibility == Visibility.ORGANIZATION,
        )
        .order_by(Question.id.desc())
        .limit(MOST_OTHERS)
    )
    return list(session.scalars(titles))
