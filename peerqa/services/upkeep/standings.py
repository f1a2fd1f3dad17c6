"""How posts stand: conditions for queries, and the rows.

What colleagues doubt is not vouched for as long as they do, whatever its row says.
"""

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from peerqa.database import insert_once
from peerqa.models import Doubt, Post, Standing

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
