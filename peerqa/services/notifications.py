"""What a member is told. Unread news of one kind about a question is refreshed, not repeated."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, joinedload

from peerqa.database import insert_or_renew
from peerqa.models import Answer, Comment, Member, Notification, Post, Question
from peerqa.models.space import Visibility
from peerqa.paging import PAGE_SIZE, Cursor, Page, cut
from peerqa.permissions import (
    question_of,
    reader_values,
    spaces_of,
    visible_to,
    visible_to_reader,
    wears_mask,
)
from peerqa.services.asking import masks
from peerqa.services.notifying.kinds import KINDS, OTHER
from peerqa.services.notifying.news import ask_for_news

MODERATED = "moderated"  # a reason: somebody decided about what the member wrote
# What is signed with a steward's or keeper's own name where it can be read. That they asked the
# question without a name must not show in their inbox, as a "somebody" there would let it.
SIGNED = frozenset({MODERATED, "verified", "retired", "handed"})


def notify(
    session: Session,
    member: Member | None,
    *,
    reason: str,
    post: Post,
    at: datetime,
    by: Member | None = None,
) -> None:
    """Tell a member, in the page and, as they chose, by mail.

    Nobody hears of their own acts, and who has left hears nothing.

    Args:
        reason: answered, commented, accepted, duplicate, merged, solved, mentioned, invited,
            doubted, verified, retired, handed, nudged, followed-answer, followed-question,
            saved-search, unfair or fairness-decided.
        by: who did it; None where that must not be known.
    """
    if member is not None:
        notify_many(session, [member], reason=reason, post=post, at=at, by=by)


def notify_many(
    session: Session,
    members: Sequence[Member],
    *,
    reason: str,
    post: Post,
    at: datetime,
    by: Member | None = None,
) -> None:
    """Tell as many as are told at once; two statements, however many they are.

    Args:
        members: at most some hundreds; who did it is left out.
        reason, by: as in notify().
    """
    told = [
        member
        for member in members
        if member.inactive_at is None
        and not member.is_placeholder
        and (by is None or member.id != by.id)
    ]
    question = question_of(post)
    is_nameless = post.is_masked if by is None else wears_mask(by, question)
    if is_nameless and (post.is_masked or reason not in SIGNED):
        by, at = None, masks.to_the_hour(at)  # nobody hears who it was, nor when exactly
    insert_or_renew(
        session,
        Notification,
        keys=[
            {"member_id": member.id, "reason": reason, "question_id": question.id}
            for member in told
        ],
        where=Notification.read_at.is_(None),
        renewed={"post_id": post.id, "actor_id": by.id if by else None, "created_at": at},
    )
    ask_for_news(session, told, at=at)


def notify_author(
    session: Session,
    written: Post,
    *,
    reason: str,
    at: datetime,
    post: Post | None = None,
    by: Member | None = None,
) -> None:
    """Tell whoever wrote a post; the one place that knows who that is.

    Args:
        written: whose author is told.
        post: what the news is about; the same post where it is left out.
        reason, by: as in notify().
    """
    if written.is_masked:
        question = question_of(written)
        is_own = by is not None and wears_mask(by, question)
        if not is_own and not (post is not None and post.is_masked):
            masks.tell(session, question)
        return
    notify(session, written.author, reason=reason, post=post or written, at=at, by=by)


def forget(session: Session, post_id: int, *, reason: str) -> None:
    """Take back unread news of a post that is no more what it was told as."""
    session.execute(
        delete(Notification).where(
            Notification.post_id == post_id,
            Notification.reason == reason,
            Notification.read_at.is_(None),
        )
    )


def tell_of_the_one_before(session: Session, taken_back: Answer) -> None:
    """Let unread news of an answer that was taken back speak of the newest that is left.

    News is refreshed, not repeated, so it stood for the answers since the member last read some.
    """
    for told in session.scalars(
        select(Notification).where(
            Notification.post_id == taken_back.id,
            Notification.reason == "answered",
            Notification.read_at.is_(None),
        )
    ).all():
        last_read = (
            select(func.max(Notification.read_at))
            .where(
                Notification.member_id == told.member_id,
                Notification.reason == told.reason,
                Notification.question_id == told.question_id,
            )
            .scalar_subquery()
        )
        left = session.scalars(
            select(Answer)
            .where(
                Answer.question_id == told.question_id,
                or_(last_read.is_(None), Answer.created_at > last_read),
                Answer.deleted_at.is_(None),
                Answer.author_id.is_distinct_from(told.member_id),
            )
            .order_by(Answer.id.desc())
            .limit(1)
        ).one_or_none()
        if left is not None:
            told.post_id, told.actor_id, told.created_at = left.id, left.author_id, left.created_at
    session.flush()


def is_listed(member: Member) -> ColumnElement[bool]:
    """Return which news the member finds listed; the question must be joined.

    News of a post that was taken back is none any more, nor is what was said under it.
    """
    return _is_listed(member.id, spaces_of(member), visible_to(member, with_guides=True))


def _is_listed(
    member_id: int | BindParameter[int],
    space_ids: Collection[int] | BindParameter[Sequence[int]],
    seen: ColumnElement[bool],
) -> ColumnElement[bool]:
    about, parent = Post.__table__.alias("about"), Post.__table__.alias("parent")
    comment = Comment.__table__
    in_sight = (
        select(about.c.id)
        .outerjoin(comment, comment.c.id == about.c.id)
        .outerjoin(parent, parent.c.id == comment.c.parent_id)
        .where(
            about.c.id == Notification.post_id,
            about.c.deleted_at.is_(None),
            parent.c.deleted_at.is_(None),
        )
    )
    # what was done to one's own post is told of a hidden one too
    is_own = and_(
        Notification.reason == MODERATED,
        or_(Question.deleted_at.is_(None), Question.id == Notification.post_id),
        or_(Question.visibility == Visibility.ORGANIZATION, Question.space_id.in_(space_ids)),
    )
    return and_(
        Notification.member_id == member_id,
        or_(and_(seen, in_sight.exists()), is_own),
    )


def list_notifications(
    session: Session,
    member: Member,
    *,
    kind: str | None = None,
    only_unread: bool = False,
    after: Cursor | None = None,
) -> Page[Notification]:
    """Return what the member was told, newest first; never of what they may not see any more.

    Args:
        kind: one of services/notifying/kinds.py; None means all.
    """
    query = (
        select(Notification)
        .join(Notification.question)
        .where(is_listed(member))
        .options(joinedload(Notification.question), joinedload(Notification.actor))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if kind is not None:
        named = set(KINDS) - {OTHER}
        is_kind = (
            Notification.reason == kind if kind in named else Notification.reason.not_in(named)
        )
        query = query.where(is_kind)
    if only_unread:
        query = query.where(Notification.read_at.is_(None))
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
        .where(is_listed(member), Notification.read_at.is_(None))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(limit)
    ).all()


def count_unread(session: Session, member: Member) -> int:
    """Return how much the member has not read and may see."""
    values = {**reader_values(member), "member": member.id, "tags": [*member.masks]}
    return session.scalar(_unread(), values) or 0


@cache
def _unread() -> Select[int]:
    own: BindParameter[int] = bindparam("member")
    spaces: BindParameter[Sequence[int]] = bindparam("reader_spaces", expanding=True)
    told = (
        select(func.count())
        .select_from(Notification)
        .join(Question, Question.id == Notification.question_id)
        .where(
            _is_listed(own, spaces, visible_to_reader(with_guides=True)),
            Notification.read_at.is_(None),
        )
        .scalar_subquery()
    )
    return select(told + masks.news())


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
    masks.mark_read(session, member, question_id=question_id)
