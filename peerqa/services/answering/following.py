"""Following a question, a topic or a space; and bookmarks.

Who follows hears of it from the worker, so that a post takes no longer where thousands follow. The
worker may try twice: ids of posts only rise, so whoever was told of this one or a later one is
left alone, even when they have read it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from peerqa import outbox
from peerqa.database import insert_once, transaction
from peerqa.errors import N_, NotAllowed
from peerqa.models import (
    Answer,
    Bookmark,
    Follow,
    Member,
    Notification,
    Post,
    Question,
    QuestionTopic,
    Space,
    Topic,
)
from peerqa.paging import PAGE_SIZE, Cursor, Page, cut
from peerqa.permissions import is_author, may, question_of, visible_to
from peerqa.services import notifications

TOPIC = "followers"  # of the outbox
CHUNK = 200
Followed = Question | Topic | Space


def set_follow(
    session: Session, *, thing: Followed, by: Member, wanted: bool, at: datetime
) -> None:
    """Follow, or follow no more; harmless twice.

    Raises:
        NotAllowed: the person may not see it.
    """
    if not isinstance(thing, Topic) and not may(by, "follow", thing):
        raise NotAllowed(N_("You cannot follow this."), thing=thing.id)
    key = _key_of(thing)
    if wanted:
        insert_once(session, Follow, member_id=by.id, created_at=at, **key)
        return
    column = getattr(Follow, next(iter(key)))
    session.execute(delete(Follow).where(Follow.member_id == by.id, column == thing.id))


def is_followed(session: Session, thing: Followed, by: Member) -> bool:
    """Whether the member follows it."""
    column = getattr(Follow, next(iter(_key_of(thing))))
    found = select(Follow.id).where(Follow.member_id == by.id, column == thing.id)
    return session.scalar(found) is not None


def _key_of(thing: Followed) -> dict[str, int]:
    kind = "topic" if isinstance(thing, Topic) else "space" if isinstance(thing, Space) else None
    return {f"{kind or 'question'}_id": thing.id}


def set_bookmark(
    session: Session, *, post: Question | Answer, by: Member, wanted: bool, at: datetime
) -> None:
    """Put a post aside to find it again, or no more; harmless twice."""
    if wanted:
        insert_once(session, Bookmark, member_id=by.id, post_id=post.id, created_at=at)
        return
    session.execute(
        delete(Bookmark).where(Bookmark.member_id == by.id, Bookmark.post_id == post.id)
    )


def list_bookmarks(
    session: Session, member: Member, *, after: Cursor | None = None
) -> Page[tuple[Bookmark, Question]]:
    """Return what the member has put aside and may see, the latest first."""
    thread = aliased(Question, flat=True)
    post = aliased(Post.__table__)
    of_answer = select(Answer.question_id).where(Answer.id == Bookmark.post_id).scalar_subquery()
    query = (
        select(Bookmark, thread)
        .join(post, post.c.id == Bookmark.post_id)
        .join(thread, or_(thread.id == Bookmark.post_id, thread.id == of_answer))
        .where(
            Bookmark.member_id == member.id,
            post.c.deleted_at.is_(None),
            visible_to(member, thread=thread),
        )
        .order_by(Bookmark.created_at.desc(), Bookmark.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        query = query.where(
            (Bookmark.created_at < after.at)
            | ((Bookmark.created_at == after.at) & (Bookmark.id < after.id))
        )
    rows = [(mark, question) for mark, question in session.execute(query)]
    return cut(rows, cursor_of=lambda row: Cursor(row[0].created_at, row[0].id))


def ask_to_tell(session: Session, post: Question | Answer, *, at: datetime) -> None:
    """Have the worker tell who follows; in the transaction of the post, when anybody does."""
    if session.scalar(select(exists().where(_follows(post)))):
        outbox.ask(session, TOPIC, str(post.id), at=at)


def _follows(post: Question | Answer) -> ColumnElement[bool]:
    if isinstance(post, Answer):
        return Follow.question_id == post.question_id
    topics = select(QuestionTopic.topic_id).where(QuestionTopic.question_id == post.id)
    return or_(Follow.space_id == post.space_id, Follow.topic_id.in_(topics))


def tell_followers(keys: Sequence[str], *, now: Callable[[], datetime]) -> None:
    """Tell who follows of these posts; what the outbox's topic is handled by."""
    for key in keys:
        after: int | None = 0
        while after is not None:
            with transaction() as session:
                after = _tell_some(session, int(key), after=after, at=now())


def _tell_some(session: Session, post_id: int, *, after: int, at: datetime) -> int | None:
    """Tell a few hundred; returns the last member, None when all were told."""
    post = session.get(Post, post_id)
    if not isinstance(post, Question | Answer) or post.deleted_at is not None:
        return None
    question = question_of(post)
    reason = "followed-answer" if isinstance(post, Answer) else "followed-question"
    told = exists().where(
        and_(
            Notification.member_id == Member.id,
            Notification.reason == reason,
            Notification.question_id == question.id,
            Notification.post_id >= post.id,
        )
    )
    rows = session.scalars(
        select(Member)
        .where(
            Member.id.in_(select(Follow.member_id).where(_follows(post))),
            Member.id > after,
            Member.inactive_at.is_(None),
            ~told,
        )
        .options(selectinload(Member.memberships))
        .order_by(Member.id)
        .limit(CHUNK)
    ).all()
    others = [
        member
        for member in rows
        if not (is_author(member, post) or is_author(member, question)) and may(member, "see", post)
    ]
    notifications.notify_many(session, others, reason=reason, post=post, by=post.author, at=at)
    return rows[-1].id if len(rows) == CHUNK else None
