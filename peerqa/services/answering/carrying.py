"""Carrying what hangs on a question to another one, by id, so that it can be carried back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from peerqa.models import Answer, Bookmark, Comment, Follow, Post, Question, Solved, Vote

Marked = type[Vote] | type[Follow] | type[Bookmark]


def _table(model: type[Answer] | type[Comment] | type[Post]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


ANSWER, COMMENT, POST = _table(Answer), _table(Comment), _table(Post)


@dataclass
class Moved:
    """What a merge moved, by id, and how the two questions were before."""

    answers: list[int]
    votes: list[int]
    nameless_votes: int  # that came with an import
    follows: list[int]
    bookmarks: list[int]
    solved: list[int]
    accepted: int | None  # of the source
    accepted_by_steward: bool
    took_accepted: bool  # the target had none, and has the source's
    duplicate_of: int | None  # of the source, before
    accepted_own: bool = False  # as accepted_by_steward
    active_at: str | None = None  # of the target, where the source's was later


def move(session: Session, source: Question, target: Question) -> Moved:
    answers = session.scalars(
        select(ANSWER.c.id).where(ANSWER.c.question_id == source.id).order_by(ANSWER.c.id)
    ).all()
    votes = movable(session, Vote, start=source, end=target)
    given = session.scalar(select(func.count()).where(Vote.post_id == source.id)) or 0
    moved = Moved(
        list(answers),
        votes,
        source.vote_count - given,
        movable(session, Follow, start=source, end=target),
        movable(session, Bookmark, start=source, end=target),
        list(session.scalars(select(Solved.id).where(Solved.question_id == source.id))),
        source.accepted_id,
        source.accepted_by_steward,
        source.accepted_id is not None and target.accepted_id is None,
        source.duplicate_of_id,
        source.accepted_own,
    )
    if moved.took_accepted:
        target.accepted_id = source.accepted_id
        target.accepted_by_steward = source.accepted_by_steward
        target.accepted_own = source.accepted_own
    if source.active_at > target.active_at:
        moved.active_at, target.active_at = target.active_at.isoformat(), source.active_at
    _carry(session, moved, source, target)
    return moved


def move_back(session: Session, source: Question, target: Question, moved: Moved) -> None:
    left = set(
        session.scalars(
            select(ANSWER.c.id).where(
                ANSWER.c.id.in_(moved.answers), ANSWER.c.question_id == target.id
            )
        )
    )
    moved.answers = sorted(left)
    in_sight = set(
        session.scalars(select(POST.c.id).where(POST.c.id.in_(left), POST.c.deleted_at.is_(None)))
    )
    if target.accepted_id in left:
        target.accepted_id, target.accepted_by_steward, target.accepted_own = None, False, False
    if moved.accepted in in_sight:
        source.accepted_id = moved.accepted
        source.accepted_by_steward = moved.accepted_by_steward
        source.accepted_own = moved.accepted_own
    if moved.active_at is not None and target.active_at == source.active_at:
        target.active_at = datetime.fromisoformat(moved.active_at)
    _carry(session, moved, target, source)


def movable(session: Session, model: Marked, *, start: Question, end: Question) -> list[int]:
    """Return the votes, follows or bookmarks that the other question does not have yet.

    Nobody has two for one question, and nobody votes for their own.
    """
    other = aliased(model)
    has_it = select(other.id).where(_place(other) == end.id, other.member_id == model.member_id)
    query = select(model.id).where(_place(model) == start.id, ~has_it.exists())
    if model is Vote:
        query = query.where(model.member_id.is_distinct_from(end.author_id))
    return list(session.scalars(query.order_by(model.id)))


def _place(model: Marked) -> InstrumentedAttribute[int] | InstrumentedAttribute[int | None]:
    return model.question_id if hasattr(model, "question_id") else model.post_id


def _carry(session: Session, moved: Moved, start: Question, end: Question) -> None:
    """Carry what is listed, as far as it is there still, and count."""
    votes = _carry_marks(session, Vote, moved.votes, start, end) + moved.nameless_votes
    _carry_marks(session, Follow, moved.follows, start, end)
    _carry_marks(session, Bookmark, moved.bookmarks, start, end)
    session.execute(
        update(Solved)
        .where(Solved.id.in_(moved.solved), Solved.question_id == start.id)
        .values(question_id=end.id)
    )
    seen = select(func.count()).where(POST.c.id.in_(moved.answers), POST.c.deleted_at.is_(None))
    answers = session.scalar(seen) or 0
    session.execute(update(ANSWER).where(ANSWER.c.id.in_(moved.answers)).values(question_id=end.id))
    session.execute(
        update(COMMENT).where(COMMENT.c.parent_id.in_(moved.answers)).values(question_id=end.id)
    )
    start.answer_count, end.answer_count = start.answer_count - answers, end.answer_count + answers
    start.vote_count, end.vote_count = start.vote_count - votes, end.vote_count + votes
    session.flush()


def _carry_marks(
    session: Session, model: Marked, ids: Sequence[int], start: Question, end: Question
) -> int:
    """Carry those that are there still and have no twin there since; returns how many."""
    left = sorted(set(ids) & set(movable(session, model, start=start, end=end)))
    session.execute(
        update(model).where(model.id.in_(left)).values({_place(model).key: end.id}),
        execution_options={"synchronize_session": False},
    )
    return len(left)
