"""The history of a post: who changed what when and why, and a way back."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid, NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Revision
from peerqa.paging import read_id
from peerqa.permissions import question_of
from peerqa.services.answering import revisions
from peerqa.services.answering.restoring import restore_revision
from peerqa.services.comments import get_any_post
from peerqa.services.posts import EditConflict
from peerqa.web.differences import Change, compare
from peerqa.web.edits import read_version
from peerqa.web.pages import me, pages, see_post, show


@dataclass(frozen=True)
class Difference:
    """What one edit changed, in each part that it changed."""

    revision: Revision
    before: Revision | None  # None: this is the first text
    title: Sequence[Change]
    topics: Sequence[Change]
    body: Sequence[Change]


@pages.get("/posts/<id:post_id>/history")
@open_to(Audience.MEMBERS)
def show_history(post_id: int) -> ResponseReturnValue:
    """Show who changed a post, and what one of the edits changed."""
    return _show(post_id, read_id(request.args.get("version")))


@pages.post("/posts/<id:post_id>/history")
@open_to(Audience.MEMBERS)
def restore_version(post_id: int) -> ResponseReturnValue:
    """Give the post an earlier text back, unless somebody edited it meanwhile."""
    wanted, version = read_id(request.form.get("restore")), read_version()
    if wanted is None:
        raise Invalid(N_("This button said nothing. Reload the page and try again."))
    try:
        with transaction() as session:
            post = get_any_post(session, me(), post_id)
            revision = revisions.get_revision(session, post, wanted)
            restore_revision(
                session, post=post, revision=revision, by=me(), version=version, at=utc_now()
            )
    except EditConflict:
        return _show(post_id, None, is_stale=True, status=409)
    return see_post(question_of(post).id, post_id, said="restored")


def _show(
    post_id: int, version: int | None, *, is_stale: bool = False, status: int = 200
) -> ResponseReturnValue:
    session = db.session()
    post = get_any_post(session, me(), post_id)
    listed = revisions.list_revisions(session, post)
    chosen = revisions.find_revision(session, post, version or listed[0].version)
    if chosen is None:
        raise NotFound(N_("There is no such version."), post=post_id, version=version)
    return show(
        "history/history.html",
        status=status,
        post=post,
        question=question_of(post),
        revisions=listed,
        difference=_difference(chosen),
        is_stale=is_stale,
    )


def _difference(revision: Revision) -> Difference:
    before = revisions.find_before(db.session(), revision)
    parts = [
        compare(getattr(before, part) if before else "", getattr(revision, part))
        for part in ("title", "topics", "body")
    ]
    title, topics, body = parts
    return Difference(revision, before, title, topics, body)
