"""What questions, answers and comments share: their text, and edits that never overwrite."""

from datetime import datetime

from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.database import hold, storable
from peerqa.errors import N_, Conflict, Invalid
from peerqa.markup import MAX_LENGTH, render
from peerqa.models import Answer, Comment, Member, Post
from peerqa.permissions import question_of
from peerqa.services.answering import revisions
from peerqa.services.asking.masks import blur
from peerqa.services.asking.pictures import link_pictures
from peerqa.services.moderating.locks import refuse_locked
from peerqa.services.upkeep.edited import note_edit


class EditConflict(Conflict):
    """Somebody changed the post since the person began to edit; carries the post as it is now."""

    code = "edit-conflict"

    def __init__(self, sentence: str, *, present: Post) -> None:
        super().__init__(sentence, post=present.id, version=present.version)
        self.present = present


def read_body(body: str, *, required: bool) -> str:
    """Tidy a Markdown body.

    Raises:
        Invalid: it is empty though required, or too long.
    """
    body = storable(body).replace("\r\n", "\n").strip()
    if required and not body:
        raise Invalid(N_("Write something first."), field="body")
    if len(body) > MAX_LENGTH:
        raise Invalid(
            N_("This has %(count)s characters; at most %(most)s fit. Please shorten it."),
            field="body",
            count=len(body),
            most=MAX_LENGTH,
        )
    return body


def write_body(post: Post, body: str) -> None:
    """Give the post its body, and what is made from it."""
    rendered = render(body)
    post.body, post.html, post.plain = body, rendered.html, rendered.plain


def begin_edit(session: Session, post: Post, version: int, by: Member) -> None:
    """Refuse an edit that began from an older text; of many at once, one passes.

    Raises:
        EditConflict: the post has a newer version.
        ThreadLocked: nothing is changed there any more, but by stewards.
    """
    refuse_locked(question_of(post), editor=by)
    if post.version != version:
        raise EditConflict(
            N_("Somebody changed this while you were writing. Compare the two and save again."),
            present=post,
        )
    revisions.keep_present(session, post)


def end_edit(
    session: Session,
    post: Post,
    *,
    by: Member,
    why: str,
    at: datetime,
    restored_version: int | None = None,
) -> None:
    """Raise the version, write the new text down and have the post indexed again."""
    post.version += 1
    post.edited_at = at = blur(by, post, at)
    session.flush()
    link_pictures(session, post)
    revisions.keep_edited(session, post, by=by, why=why, at=at, restored_version=restored_version)
    note_edit(session, post, by=by, at=at)
    if not isinstance(post, Comment):
        outbox.ask(session, "index", str(post.id), at=at)


def edit_body(
    session: Session,
    post: Answer | Comment,
    body: str,
    *,
    by: Member,
    version: int,
    why: str,
    at: datetime,
    restored_version: int | None = None,
) -> bool:
    """Give the post a new text, once however often it is sent; returns whether it changed.

    Raises:
        EditConflict: the post has a newer version, and another text.
    """
    why = revisions.read_why(why)
    hold(session, post)
    if post.body == body:
        return False  # a second submit of one form: what it wants is there
    begin_edit(session, post, version, by)
    write_body(post, body)
    end_edit(session, post, by=by, why=why, at=at, restored_version=restored_version)
    return True
