"""What is waiting: for a member who was asked, and in a space for its stewards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from peerqa.models import Invitation, Member, Question, Routing, Space
from peerqa.models.row_check import row_check
from peerqa.permissions import reader_values, visible_to, visible_to_reader
from peerqa.services.routing.states import State
from peerqa.services.upkeep.standings import is_retired

MOST_LISTED = 50


def _is_waiting() -> ColumnElement[bool]:
    """Hold for a question that ladder.is_open() says yes of; its SQL twin."""
    return row_check(
        Question.answer_count == 0,
        Question.duplicate_of_id.is_(None),
        Question.locked_at.is_(None),
    ) & ~is_retired(Question.id)


def list_for(session: Session, member: Member) -> Sequence[Invitation]:
    """Return what the member was asked and nobody has answered yet, the longest waiting first."""
    return session.scalars(
        select(Invitation)
        .join(Invitation.question)
        .join(Question.space)
        .where(
            Invitation.member_id == member.id,
            Invitation.state != State.PASSED.value,
            visible_to(member),
            _is_waiting(),
            Space.archived_at.is_(None),
        )
        .options(
            contains_eager(Invitation.question).contains_eager(Question.space),
            contains_eager(Invitation.question).selectinload(Question.topics),
            joinedload(Invitation.invited_by),
        )
        .order_by(Invitation.created_at, Invitation.id)
        .limit(MOST_LISTED)
    ).all()


def count_for(session: Session, member: Member) -> int:
    """Return how many questions wait for the member."""
    return session.scalar(_count(), {**reader_values(member), "member": member.id}) or 0


@cache
def _count() -> Select[int]:
    return (
        select(func.count())
        .select_from(Invitation)
        .join(Question, Question.id == Invitation.question_id)
        .join(Space, Space.id == Question.space_id)
        .where(
            Invitation.member_id == bindparam("member"),
            Invitation.state != State.PASSED.value,
            visible_to_reader(),
            _is_waiting(),
            Space.archived_at.is_(None),
        )
    )


def list_of(session: Session, question: Question) -> Sequence[Invitation]:
    """Return who was asked about a question, in the order in which they were."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.question_id == question.id)
        .options(joinedload(Invitation.member), joinedload(Invitation.invited_by))
        .order_by(Invitation.id)
    ).all()


@dataclass(frozen=True)
class Waiting:
    """A question that nobody has answered, and how far it got."""

    question: Question
    rung: str  # ladder.Rung; nobody where it was asked before there was a ladder
    next_at: datetime | None
    asked: int
    passed: int
    is_taken: bool
    is_late: bool


def list_waiting(
    session: Session, space: Space, reader: Member, *, at: datetime, late_hours: float
) -> Sequence[Waiting]:
    """Return the open questions of a space, the oldest first, for its stewards.

    Args:
        late_hours: hours without an answer from which a question is late.
    """
    rows = session.execute(
        select(Question, Routing.rung, Routing.next_at)
        .outerjoin(Routing, Routing.question_id == Question.id)
        .where(Question.space_id == space.id, visible_to(reader), _is_waiting())
        .options(joinedload(Question.author))
        .order_by(Question.created_at, Question.id)
        .limit(MOST_LISTED)
    ).all()
    counts = _counts(session, [question.id for question, _, _ in rows], at=at)
    late = timedelta(hours=late_hours)
    return [
        Waiting(
            question, rung or "nobody", next_at, *counts.get(question.id, (0, 0, False)),
            is_late=question.created_at + late <= at,
        )
        for question, rung, next_at in rows
    ]  # fmt: skip


def _counts(
    session: Session, question_ids: Collection[int], *, at: datetime
) -> dict[int, tuple[int, int, bool]]:
    rows = session.execute(
        select(
            Invitation.question_id,
            func.count(),
            func.count().filter(Invitation.state == State.PASSED.value),
            func.count().filter(Invitation.state == State.TAKEN.value, Invitation.taken_until > at),
        )
        .where(Invitation.question_id.in_(question_ids))
        .group_by(Invitation.question_id)
    )
    return {question_id: (asked, passed, taken > 0) for question_id, asked, passed, taken in rows}
