"""What a member is told. Unread news of one kind about a question is refreshed, not repeated."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from peerqa.database import insert_once
from peerqa.models import Answer, Comment, Member, Notification, Post, Question
from peerqa.paging import PAGE_SIZE, Cursor, Page, cut
from peerqa.permissions import visible_to


def notify(
    session: Session,
    member: Member | None,
    *,
    reason: str,
    post: Post,
    at: datetime,
    by: Member | None = None,
) -> None:
    """Tell a member; nobody hears of their own acts, and who has left hears nothing.

    Args:
        reason: answered, commented, accepted, duplicate or solved.
        by: who did it; None where that must not be known.
    """
    if member is None or member.inactive_at is not None or member.is_placeholder:
        return
    if by is not None and by.id == member.id:
        return
    question_id = post.question_id if isinstance(post, Answer | Comment) else post.id
    values = {"post_id": post.id, "actor_id": by.id if by else None, "created_at": at}
    if not insert_once(
        session, Notification,
        member_id=member.id, reason=reason, question_id=question_id, **values,
    ):  # fmt: skip
        session.execute(
            update(Notification)
            .where(
                Notification.member_id == member.id,
                Notification.reason == reason,
                Notification.question_id == question_id,
                Notification.read_at.is_(None),
            )
            .values(**values)
        )


def list_notifications(
    session: Session, member: Member, *, after: Cursor | None = None
) -> Page[Notification]:
    """Return what the member was told, newest first; never of what they may not see any more."""
    query = (
        select(Notification)
        .join(Notification.question)
        .where(Notification.member_id == member.id, visible_to(member))
        .options(joinedload(Notification.question), joinedload(Notification.actor))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        query = query.where(
            (Notification.created_at < after.at)
            | ((Notification.created_at == after.at) & (Notification.id < after.id))
        )
    rows = session.scalars(query).all()
    return cut(rows, cursor_of=lambda row: Cursor(row.created_at, row.id))


def list_unread(session: Session, member: Member, *, limit: int = 100) -> Sequence[Notification]:
    """Return what the member has not read, newest first."""
    return session.scalars(
        select(Notification)
        .join(Notification.question)
        .where(
            Notification.member_id == member.id,
            Notification.read_at.is_(None),
            visible_to(member),
        )
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(limit)
    ).all()


def count_unread(session: Session, member: Member) -> int:
    """Return how much the member has not read and may see."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Notification)
            .join(Question, Question.id == Notification.question_id)
            .where(
                Notification.member_id == member.id,
                Notification.read_at.is_(None),
                visible_to(member),
            )
        )
        or 0
    )


def mark_read(
    session: Session, member: Member, *, at: datetime, question_id: int | None = None
) -> None:
    """Mark all of the member's news as read, or that about one question."""
    statement = (
        update(Notification)
        .where(Notification.member_id == member.id, Notification.read_at.is_(None))
        .values(read_at=at)
    )
    if question_id is not None:
        statement = statement.where(Notification.question_id == question_id)
    session.execute(statement)
