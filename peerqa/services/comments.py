"""Comments under questions and answers."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from peerqa.database import hold
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, Comment, Member, Post, Question
from peerqa.permissions import may, question_of, visible_to
from peerqa.services import notifications
from peerqa.services.answering import mentions
from peerqa.services.answering.deletions import take_out_of_sight
from peerqa.services.answering.stand_in import hold_stand_in, hold_thread
from peerqa.services.asking.masks import blur, keep_mask, sign
from peerqa.services.asking.pictures import link_pictures
from peerqa.services.moderating.locks import refuse_locked
from peerqa.services.posts import edit_body, read_body, write_body
from peerqa.services.spaces import refuse_archived

MAX_COMMENT = 1000
FIRST_COMMENTS = 10  # under each post of a page; the rest is a click away
MOST_COMMENTS = 1000  # of one post on a page
NO_SUCH_POST = N_("There is no such post.")


def post_comment(
    session: Session, *, parent: Question | Answer, author: Member, body: str, at: datetime
) -> Comment:
    """Remark on a post; its author is told.

    Raises:
        NotAllowed: the author may not see the post.
        Invalid: the remark is empty or too long.
    """
    refuse_archived(question_of(parent).space)
    if not may(author, "comment", parent):
        raise NotAllowed(N_("You cannot comment here."), post=parent.id)
    body = read_comment(body)
    if isinstance(parent, Answer):
        question = hold_thread(session, parent)
    else:
        asked, parent = parent, hold_stand_in(session, parent, author)
        question = parent
        keep_mask(author, asked, question)
    refuse_locked(question)
    signed = sign(author, question, at)
    comment = Comment(
        organization_id=question.organization_id,
        parent=parent,
        question=question,
        author=signed.author,
        is_masked=signed.is_masked,
        created_at=signed.at,
    )
    write_body(comment, body)
    session.add(comment)
    session.flush()
    link_pictures(session, comment)
    notifications.notify_author(session, parent, reason="commented", post=comment, by=author, at=at)
    mentions.tell_mentioned(session, comment, by=author, at=at)
    return comment


def list_comments(session: Session, question: Question) -> dict[int, list[Comment]]:
    """Return all comments of a thread, oldest first, by the id of the post they stand under."""
    rows = session.scalars(
        select(Comment)
        .where(Comment.question_id == question.id, Comment.deleted_at.is_(None))
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
    )
    by_parent: dict[int, list[Comment]] = {}
    for comment in rows:
        by_parent.setdefault(comment.parent_id, []).append(comment)
    return by_parent


def list_first_comments(
    session: Session, under: Collection[int], *, all_of: int | None = None
) -> tuple[dict[int, list[Comment]], dict[int, int]]:
    """Return the oldest comments under each of these posts, and how many each has.

    Args:
        all_of: the post of which more are wanted, at most so many.
    """
    rows = session.execute(_first(), {"under": [*under], "all_of": all_of})
    by_parent: dict[int, list[Comment]] = {}
    counts: dict[int, int] = {}
    for comment, count in rows:
        by_parent.setdefault(comment.parent_id, []).append(comment)
        counts[comment.parent_id] = count
    return by_parent, counts


@cache
def _first() -> Select[Comment, int]:
    numbered = (
        select(
            Comment.id,
            func.row_number()
            .over(partition_by=Comment.parent_id, order_by=Comment.id)
            .label("place"),
            func.count().over(partition_by=Comment.parent_id).label("count"),
        )
        .where(
            Comment.parent_id.in_(bindparam("under", expanding=True)), Comment.deleted_at.is_(None)
        )
        .subquery()
    )
    whole = Comment.parent_id == bindparam("all_of", type_=Integer)
    return (
        select(Comment, numbered.c.count)
        .join(numbered, numbered.c.id == Comment.id)
        .where(
            or_(
                numbered.c.place <= FIRST_COMMENTS,
                and_(whole, numbered.c.place <= MOST_COMMENTS),
            )
        )
        .options(joinedload(Comment.author))
        .order_by(Comment.id)
    )


def find_parent(session: Session, question: Question, comment_id: int) -> int | None:
    """Return what a comment of this question stands under; None when there is no such comment."""
    return session.scalar(
        select(Comment.parent_id).where(
            Comment.id == comment_id, Comment.question_id == question.id
        )
    )


def get_post(session: Session, member: Member, post_id: int) -> Question | Answer:
    """Return a question or an answer that the member may see.

    Raises:
        NotFound: there is none.
    """
    post = session.scalars(
        select(Post).where(
            Post.id == post_id,
            Post.organization_id == member.organization_id,
            Post.deleted_at.is_(None),
        )
    ).one_or_none()
    if not isinstance(post, Question | Answer) or not may(member, "see", post):
        raise NotFound(NO_SUCH_POST, post=post_id)
    return post


def get_any_post(session: Session, member: Member, post_id: int) -> Question | Answer | Comment:
    """Return a question, an answer or a comment that the member may see.

    Raises:
        NotFound: there is none.
    """
    kind = session.scalar(
        select(Post.kind).where(Post.id == post_id, Post.organization_id == member.organization_id)
    )
    if kind != "comment":
        return get_post(session, member, post_id)
    try:
        return get_comment(session, member, post_id)
    except NotFound:
        raise NotFound(NO_SUCH_POST, post=post_id) from None  # says not that it was a comment


def get_comment(session: Session, member: Member, comment_id: int) -> Comment:
    """Return a comment that the member may see.

    Raises:
        NotFound: there is none.
    """
    thread = aliased(Question, flat=True)
    parent = aliased(Post, flat=True)
    comment = session.scalars(
        select(Comment)
        .join(Comment.question.of_type(thread))
        .join(Comment.parent.of_type(parent))
        .where(
            Comment.id == comment_id,
            Comment.deleted_at.is_(None),
            parent.deleted_at.is_(None),
            visible_to(member, thread=thread),
        )
    ).one_or_none()
    if comment is None:
        raise NotFound(N_("There is no such comment."), comment=comment_id)
    return comment


def edit_comment(
    session: Session,
    *,
    comment: Comment,
    by: Member,
    body: str,
    version: int,
    at: datetime,
    why: str = "",
) -> None:
    """Change the text of a comment; its earlier text is kept.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not this space.
        EditConflict: somebody else was faster.
        Invalid: the text is empty or too long.
    """
    if not may(by, "edit", comment):
        raise NotAllowed(N_("Only its author and stewards can edit a comment."), comment=comment.id)
    body = read_comment(body)
    if edit_body(session, comment, body, by=by, version=version, why=why, at=at):
        mentions.tell_mentioned(session, comment, by=by, at=at)


def read_comment(body: str) -> str:
    """Tidy the text of a comment.

    Raises:
        Invalid: it is empty or too long.
    """
    body = read_body(body, required=True)
    if len(body) > MAX_COMMENT:
        raise Invalid(
            N_("A comment has at most %(most)s characters. Longer ones make good answers."),
            field="body",
            most=MAX_COMMENT,
        )
    return body


def delete_comment(session: Session, *, comment: Comment, by: Member, at: datetime) -> None:
    """Take a comment back.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not this space.
    """
    if not may(by, "delete", comment):
        raise NotAllowed(
            N_("Only its author and stewards can delete a comment."), comment=comment.id
        )
    hold(session, comment)
    if comment.deleted_at is not None:
        return
    take_out_of_sight(session, comment, comment.question, by=by, at=blur(by, comment, at))
