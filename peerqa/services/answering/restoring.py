"""Giving a post an earlier text back: an edit like any other, and written down as one."""

from datetime import datetime

from sqlalchemy.orm import Session

from peerqa.errors import N_, NotAllowed
from peerqa.models import Answer, Comment, Member, Question, Revision
from peerqa.permissions import may
from peerqa.services.posts import edit_body
from peerqa.services.questions import edit_question
from peerqa.services.topics import read_topic_names


def restore_revision(
    session: Session,
    *,
    post: Question | Answer | Comment,
    revision: Revision,
    by: Member,
    version: int,
    at: datetime,
) -> None:
    """Give a post an earlier text; nothing happens where it is the present one.

    Args:
        version: of the text that the person saw as the present one.

    Raises:
        NotAllowed: the person may not edit the post.
        EditConflict: somebody edited it meanwhile.
    """
    if isinstance(post, Question):
        edit_question(
            session,
            question=post,
            by=by,
            title=revision.title,
            body=revision.body,
            topic_names=read_topic_names(revision.topics),
            version=version,
            at=at,
            restored_version=revision.version,
        )
        return
    if not may(by, "edit", post):
        raise NotAllowed(
            N_("Only its author and stewards can restore an earlier text."), post=post.id
        )
    edit_body(
        session,
        post,
        revision.body,
        by=by,
        version=version,
        why="",
        at=at,
        restored_version=revision.version,
    )
