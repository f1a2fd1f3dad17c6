"""Answers that are no longer right: anyone says so and why; a steward or an edit settles it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, select, update
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from peerqa.database import hold, insert_once, one_line
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, Doubt, Member, Membership, Question, Space
from peerqa.models.space import Role
from peerqa.permissions import may, wears_mask
from peerqa.services import notifications
from peerqa.services.upkeep.reviews import ask_for_review

MAX_REASON = 300


def read_reason(reason: str) -> str:
    """Tidy the reason why an answer is no longer right.

    Raises:
        Invalid: there is none, or it is too long.
    """
    reason = one_line(reason)
    if not reason:
        raise Invalid(N_("Say in a line what has changed."), field="reason")
    if len(reason) > MAX_REASON:
        raise Invalid(
            N_("Use at most %(most)s characters. More fits in a comment."),
            field="reason",
            most=MAX_REASON,
        )
    return reason


def doubt_answer(
    session: Session, *, answer: Answer, by: Member, reason: str, at: datetime
) -> None:
    """Say that an answer is no longer right; its author and the stewards are told. Once a person.

    Raises:
        NotFound: it was taken back at this moment.
        NotAllowed: the person may not see it.
        Invalid: there is no reason, or a long one.
    """
    if not may(by, "see", answer):
        raise NotAllowed(N_("You cannot do this here."), answer=answer.id)
    if wears_mask(by, answer.question):  # a doubt has a name, and this one's would tell
        raise NotAllowed(
            N_("This would show your name where you asked without it. Write a comment instead."),
            answer=answer.id,
        )
    reason = read_reason(reason)
    hold(session, answer)
    if answer.deleted_at is not None:
        raise NotFound(N_("There is no such answer."), answer=answer.id)
    is_new = insert_once(
        session, Doubt, answer_id=answer.id, member_id=by.id, reason=reason, created_at=at
    )
    if not is_new:
        session.execute(update(Doubt).where(*_open(answer, by)).values(reason=reason))
        return
    ask_for_review(session, answer.id, at=at)
    notifications.notify_author(session, answer, reason="doubted", by=by, at=at)
    stewards = _list_stewards(session, answer.question.space_id)
    others = [steward for steward in stewards if steward.id != answer.author_id]
    notifications.notify_many(session, others, reason="doubted", post=answer, by=by, at=at)


def withdraw_doubt(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Say that the answer is right after all, as far as oneself is concerned; harmless twice."""
    session.execute(
        update(Doubt).where(*_open(answer, by)).values(settled_at=at, settled_by_id=by.id)
    )
    ask_for_review(session, answer.id, at=at)


def settle_doubts(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Say as a steward that an answer is right; harmless twice.

    Raises:
        NotAllowed: the person keeps not its space.
    """
    if not may(by, "settle", answer):
        raise NotAllowed(N_("Only stewards can say that it is right."), answer=answer.id)
    settle_by_edit(session, answer, by=by, at=at)
    ask_for_review(session, answer.id, at=at)


def settle_by_edit(session: Session, answer: Answer, *, by: Member, at: datetime) -> None:
    """Settle what was said of the text before an edit."""
    session.execute(
        update(Doubt)
        .where(Doubt.answer_id == answer.id, Doubt.settled_at.is_(None))
        .values(settled_at=at, settled_by_id=by.id)
    )


def list_doubts(session: Session, answer_ids: Collection[int]) -> Mapping[int, Sequence[Doubt]]:
    """Return what is said of these answers and not settled, the oldest first, by answer."""
    found: dict[int, list[Doubt]] = {}
    if answer_ids:
        for row in session.scalars(_listed(), {"answers": [*answer_ids]}):
            found.setdefault(row.answer_id, []).append(row)
    return found


@cache
def _listed() -> Select[Doubt]:
    return (
        select(Doubt)
        .where(
            Doubt.answer_id.in_(bindparam("answers", expanding=True)), Doubt.settled_at.is_(None)
        )
        .options(joinedload(Doubt.member))
        .order_by(Doubt.id)
    )


def list_doubted(session: Session, space: Space, *, limit: int = 100) -> Sequence[Doubt]:
    """Return what is said and not settled in a space, the oldest first; for its stewards."""
    asked = aliased(Question, flat=True)
    return session.scalars(
        select(Doubt)
        .join(Doubt.answer)
        .join(Answer.question.of_type(asked))
        .where(
            asked.space_id == space.id,
            asked.deleted_at.is_(None),
            Doubt.settled_at.is_(None),
            Answer.deleted_at.is_(None),
        )
        .options(
            contains_eager(Doubt.answer).contains_eager(Answer.question.of_type(asked)),
            joinedload(Doubt.member),
        )
        .order_by(Doubt.id)
        .limit(limit)
    ).all()


def _open(answer: Answer, by: Member) -> Sequence[ColumnElement[bool]]:
    return (
        Doubt.answer_id == answer.id,
        Doubt.member_id == by.id,
        Doubt.settled_at.is_(None),
    )


def _list_stewards(session: Session, space_id: int) -> Sequence[Member]:
    return session.scalars(
        select(Member)
        .join(Membership, Membership.member_id == Member.id)
        .where(Membership.space_id == space_id, Membership.role == Role.STEWARD)
    ).all()
