"""People helped: the one figure that stands beside a name.

It is summed over all that somebody has answered, which in a large company are thousands of rows on
every page. So what took many rows is remembered for a minute, for readers who see the same spaces;
few rows are summed each time, and so are right at once.
"""

from collections.abc import Collection
from functools import cache
from time import monotonic

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from peerqa.models import Answer, Member, Question
from peerqa.permissions import reader_values, spaces_of, visible_to_reader

MANY = 50  # answers of one author: about a millisecond
REMEMBERED_SECONDS = 60.0
_MOST = 20_000  # figures: about 4 MB
_Key = tuple[int, int, frozenset[int], int]  # database, organization, spaces, author
_remembered: dict[_Key, tuple[float, int]] = {}  # until when, and the figure


def count_helped(session: Session, member: Member, author_ids: Collection[int]) -> dict[int, int]:
    """Return how often each author helped, as far as the member may see.

    Returns:
        "Helped me too" and solved without asking, summed; nobody with zero. Of who has answered
        often it may be a minute old.
    """
    now, engine = monotonic(), session.get_bind().engine
    of = (id(engine), member.organization_id, frozenset(spaces_of(member)))
    known = {
        author_id: figure
        for author_id in author_ids
        for until, figure in (_remembered.get((*of, author_id), (0.0, 0)),)
        if until > now
    }
    if unknown := [author_id for author_id in author_ids if author_id not in known]:
        values = {**reader_values(member), "authors": unknown}
        for author_id, figure, count in session.execute(_helped(), values):
            if author_id is None:
                continue
            known[author_id] = int(figure)
            if count >= MANY:
                _remember((*of, author_id), now + REMEMBERED_SECONDS, int(figure))
    return {author_id: figure for author_id, figure in known.items() if figure > 0}


def _remember(key: _Key, until: float, figure: int) -> None:
    if len(_remembered) >= _MOST:
        _remembered.clear()
    _remembered[key] = (until, figure)


def forget() -> None:
    """Sum everything anew: for where ids are given again, as in a database that was put back."""
    _remembered.clear()


@cache
def _helped() -> Select[int | None, int, int]:
    thread = aliased(Question, flat=True)
    return (
        select(Answer.author_id, func.sum(Answer.vote_count + Answer.solved_count), func.count())
        .join(thread, thread.id == Answer.question_id)
        .where(
            Answer.author_id.in_(bindparam("authors", expanding=True)),
            Answer.deleted_at.is_(None),
            visible_to_reader(thread=thread),
        )
        .group_by(Answer.author_id)
    )
