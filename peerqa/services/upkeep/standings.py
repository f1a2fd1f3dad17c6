"""How posts stand, read and written: conditions for queries, and what an edit does to a mark.

What colleagues doubt is not vouched for as long as they do, whatever its row says.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from peerqa.database import insert_once
from peerqa.models import Answer, Comment, Doubt, Member, Post, Question, Standing
from peerqa.permissions import may, question_of, wears_mask

PostId = ColumnElement[int] | InstrumentedAttribute[int]


def is_vouched_for(post_id: PostId) -> ColumnElement[bool]:
    """Hold for a post that is verified, not retired, and not doubted since."""
    standing = aliased(Standing)
    doubted = exists().where(Doubt.answer_id == post_id, Doubt.settled_at.is_(None))
    return and_(
        exists().where(
            standing.post_id == post_id,
            standing.verified_until.is_not(None),
            standing.retired_at.is_(None),
        ),
        ~doubted,
    )


def is_retired(post_id: PostId) -> ColumnElement[bool]:
    """Hold for a post that is retired."""
    standing = aliased(Standing)
    return exists().where(standing.post_id == post_id, standing.retired_at.is_not(None))


def make_standing(session: Session, post: Post) -> Standing:
    """Return the row of a post, made when missing; the post is held."""
    insert_once(session, Standing, post_id=post.id, retired_why="")
    return session.scalars(
        select(Standing)
        .where(Standing.post_id == post.id)
        .execution_options(populate_existing=True)
    ).one()


def find_standing(session: Session, post: Post) -> Standing | None:
    """Return the row of a post as it is now, if there is one."""
    return session.scalars(
        select(Standing)
        .where(Standing.post_id == post.id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def keeps_by_edit(post: Post, by: Member) -> bool:
    """Whether a verified post stays so when this person edits it: they could verify it too.

    Not under a question of their own without a name: that they can would say who they are.
    """
    return may(by, "verify", post) and not wears_mask(by, question_of(post))


def note_edit(session: Session, post: Post, *, by: Member, at: datetime) -> None:
    """Let a verified post have another text: whoever could verify it vouches for what they wrote.

    By anybody else's edit it is verified no more; the day stays, and whoever keeps it is asked.
    """
    if isinstance(post, Comment | Question):
        return
    standing = find_standing(session, post)
    if standing is None or standing.verified_until is None:
        return
    if keeps_by_edit(post, by):
        standing.verified_by_id, standing.verified_at = by.id, at
    else:
        standing.verified_until = None
    session.flush()
    session.expire(post, ["standing"])


def forget_standing(session: Session, answer: Answer) -> None:
    """Take the row away with what it is about; the answer becomes another kind of post."""
    standing = find_standing(session, answer)
    if standing is not None:
        session.delete(standing)
        session.flush()
