"""People helped: the one figure that stands beside a name."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from peerqa.models import Answer, Member, Question
from peerqa.permissions import reader_values, visible_to_reader


def count_helped(session: Session, member: Member, author_ids: Collection[int]) -> dict[int, int]:
    """Return how often each author helped, as far as the member may see.

    Returns:
        "Helped me too" and solved without asking, summed; nobody with zero.
    """
    if not author_ids:
        return {}
    rows = session.execute(_helped(), {**reader_values(member), "authors": [*author_ids]})
    return {author_id: int(count) for author_id, count in rows if author_id is not None}


@cache
def _helped() -> Select[int | None, int]:
    thread = aliased(Question, flat=True)
    helped = func.sum(Answer.vote_count + Answer.solved_count)
    return (
        select(Answer.author_id, helped)
        .join(thread, thread.id == Answer.question_id)
        .where(
            Answer.author_id.in_(bindparam("authors", expanding=True)),
            Answer.deleted_at.is_(None),
            visible_to_reader(thread=thread),
        )
        .group_by(Answer.author_id)
        .having(helped > 0)
    )
