"""Earlier texts of posts: written down at every edit, read, and restored, which is an edit too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from peerqa.database import insert_once, one_line
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Member, Post, Question, Revision
from peerqa.permissions import is_author

MAX_WHY = 200
MOST_LISTED = 100


def read_why(why: str) -> str:
    """Tidy the line that says why somebody edited; it may be empty.

    Raises:
        Invalid: it is too long.
    """
    why = one_line(why)
    if len(why) > MAX_WHY:
        raise Invalid(
            N_("Say why in one line of at most %(most)s characters."), field="why", most=MAX_WHY
        )
    return why


def keep_present(session: Session, post: Post) -> None:
    """Write down the text as it is, before an edit, unless it is written down already."""
    insert_once(session, Revision, **_present_values(post))


def keep_edited(
    session: Session,
    post: Post,
    *,
    by: Member,
    why: str,
    at: datetime,
    restored_version: int | None = None,
) -> None:
    """Write down the text after an edit; the post has its new version already."""
    own = is_author(by, post)
    insert_once(
        session,
        Revision,
        **_text_of(post),
        editor_id=None if own else by.id,
        is_by_author=own,
        created_at=at,
        why=why,
        restored_version=restored_version,
    )


def list_revisions(
    session: Session, post: Post, *, with_bodies: bool = False
) -> Sequence[Revision]:
    """Return what was written down of a post, newest first.

    The present text comes first in any case, even if nobody has edited it, or an import did last.
    """
    query = (
        select(Revision)
        .where(Revision.post_id == post.id)
        .options(joinedload(Revision.editor))
        .order_by(Revision.version.desc())
        .limit(MOST_LISTED)
    )
    rows = session.scalars(query if with_bodies else query.options(defer(Revision.body))).all()
    if rows and rows[0].version >= post.version:
        return rows
    return [_present(post), *rows]


def get_revision(session: Session, post: Post, version: int) -> Revision:
    """Return the text of a post under one of its versions.

    Raises:
        NotFound: none was written down.
    """
    row = find_revision(session, post, version)
    if row is None:
        raise NotFound(N_("There is no such version."), post=post.id, version=version)
    return row


def find_revision(session: Session, post: Post, version: int) -> Revision | None:
    """Return the text of a post under one of its versions, when it was written down."""
    row = session.scalars(
        select(Revision)
        .where(Revision.post_id == post.id, Revision.version == version)
        .options(joinedload(Revision.editor))
    ).one_or_none()
    return _present(post) if row is None and version == post.version else row


def find_before(session: Session, revision: Revision) -> Revision | None:
    """Return the text that was there before this one."""
    return session.scalars(
        select(Revision)
        .where(Revision.post_id == revision.post_id, Revision.version < revision.version)
        .order_by(Revision.version.desc())
        .limit(1)
    ).one_or_none()


def _present(post: Post) -> Revision:
    """Return the text as it is; made for reading, and not added to the session."""
    return Revision(**_present_values(post))


def _present_values(post: Post) -> dict[str, Any]:
    return {
        **_text_of(post),
        "editor_id": None,
        "is_by_author": post.version == 1,
        "created_at": post.edited_at or post.created_at,
        "why": "",
        "restored_version": None,
    }


def _text_of(post: Post) -> dict[str, object]:
    question = post if isinstance(post, Question) else None
    return {
        "post_id": post.id,
        "version": post.version,
        "title": question.title if question else "",
        "topics": ", ".join(sorted(topic.name for topic in question.topics)) if question else "",
        "body": post.body,
    }
