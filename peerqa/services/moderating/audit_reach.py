"""What of the audit trail an admin may read: a closed space is closed to admins who are not in it.

Its entries stay in the list, with their numbers, so that nobody wonders about a gap. What they are
about, and why, is left out; whoever runs PeerQA reads it all by `peerqa audit show`.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peerqa.models import Answer, Comment, Member, Post, Question, Space
from peerqa.models.moderating.audit import AuditEntry
from peerqa.models.space import Visibility
from peerqa.permissions import spaces_of, spaces_visible_to

POSTS = {"question", "guide", "answer", "comment"}
SPACE = "space"  # the kind of thing, and the detail that names one


def withheld_from(
    session: Session, reader: Member, rows: Sequence[tuple[AuditEntry, object]]
) -> frozenset[int]:
    """Return the ids of the rows that are about what the reader may not see.

    Args:
        rows: with the space that their details name, if they name one.
    """
    spaces = {space for _, space in rows if isinstance(space, int)}
    spaces |= {row.thing_id for row, _ in rows if row.thing_kind == SPACE and row.thing_id}
    posts = {row.thing_id for row, _ in rows if row.thing_kind in POSTS and row.thing_id}
    closed = _closed_spaces(session, reader, spaces) if spaces else frozenset()
    unseen = _unseen_posts(session, reader, posts) if posts else frozenset()
    return frozenset(
        row.id
        for row, space in rows
        if space in closed
        or (row.thing_kind == SPACE and row.thing_id in closed)
        or (row.thing_kind in POSTS and row.thing_id in unseen)
    )


def _closed_spaces(session: Session, reader: Member, ids: set[int]) -> frozenset[int]:
    return frozenset(
        session.scalars(select(Space.id).where(Space.id.in_(ids), ~spaces_visible_to(reader)))
    )


def _unseen_posts(session: Session, reader: Member, ids: set[int]) -> frozenset[int]:
    post, answer, comment, thread = (model.__table__ for model in (Post, Answer, Comment, Question))
    return frozenset(
        session.scalars(
            select(post.c.id)
            .outerjoin(answer, answer.c.id == post.c.id)
            .outerjoin(comment, comment.c.id == post.c.id)
            .join(
                thread,
                thread.c.id
                == func.coalesce(answer.c.question_id, comment.c.question_id, post.c.id),
            )
            .where(
                post.c.id.in_(ids),
                thread.c.visibility == Visibility.SPACE,
                thread.c.space_id.not_in(spaces_of(reader)),
            )
        )
    )
