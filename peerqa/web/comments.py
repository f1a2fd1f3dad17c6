"""Comments: made, edited, taken back."""

from datetime import datetime, timedelta

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, hold, transaction
from peerqa.errors import N_, NotAllowed
from peerqa.gate import Audience, count, open_to
from peerqa.models import Answer, Comment, Member, Question
from peerqa.permissions import is_author, may, question_of
from peerqa.services import comments
from peerqa.services.answering.stand_in import stand_in
from peerqa.services.asking.masks import blur
from peerqa.services.posts import EditConflict, read_body
from peerqa.web.edits import Editing, read_version
from peerqa.web.forms import CommentForm
from peerqa.web.pages import me, pages, see, see_post, show
from peerqa.web.resume import keeps_text
from peerqa.web.thread import Typed, show_thread

SAME_WITHIN = timedelta(minutes=2)  # the same text again within it is a double submit


def show_typed_comment(post_id: int) -> ResponseReturnValue:
    """Show the question with the comment as it was sent."""
    return _show_thread_with(_get_post(post_id), CommentForm(request.form))


@pages.post("/posts/<id:post_id>/comments")
@open_to(Audience.MEMBERS)
@keeps_text(show_typed_comment)
def post_comment(post_id: int) -> ResponseReturnValue:
    """Comment on a question or an answer."""
    form = CommentForm(request.form)
    if not form.validate():
        return _show_thread_with(_get_post(post_id), form, status=422)
    now = utc_now()
    with transaction() as session:
        count(session, "comments")
        parent = comments.get_post(session, me(), post_id)
        there = stand_in(session, parent, me())
        comment = _find_same(session, there, me(), form, at=now) or comments.post_comment(
            session, parent=parent, author=me(), body=form.body.data or "", at=now
        )
    return see_post(comment.question_id, comment.id, said="commented")


def _find_same(
    session: Session, parent: Question | Answer, author: Member, form: CommentForm, *, at: datetime
) -> Comment | None:
    """Return the comment that a first submit of this form made; of two at once one waits."""
    hold(session, author)
    body = read_body(form.body.data or "", required=True)
    for comment in comments.list_comments(session, question_of(parent)).get(parent.id, []):
        is_own = is_author(author, comment) and comment.body == body
        # times of who asked without a name are kept to the hour
        if is_own and blur(author, comment, at) - comment.created_at < SAME_WITHIN:
            return comment
    return None


@pages.get("/comments/<id:comment_id>/edit")
@open_to(Audience.MEMBERS)
def edit_comment(comment_id: int) -> ResponseReturnValue:
    """Show the form with the present text."""
    comment = _own(comment_id)
    return _show_form(comment, CommentForm(body=comment.body), Editing(comment.version))


def show_edited_comment(comment_id: int) -> ResponseReturnValue:
    """Show the form as it was sent."""
    return _show_form(_own(comment_id), CommentForm(request.form), Editing(read_version()))


@pages.post("/comments/<id:comment_id>/edit")
@open_to(Audience.MEMBERS)
@keeps_text(show_edited_comment)
def save_comment(comment_id: int) -> ResponseReturnValue:
    """Save the edit, or show both texts when somebody else was faster."""
    form, version = CommentForm(request.form), read_version()
    if not form.validate():
        return _show_form(_own(comment_id), form, Editing(version), status=422)
    body = form.body.data or ""
    try:
        with transaction() as session:
            comment = comments.get_comment(session, me(), comment_id)
            comments.edit_comment(
                session,
                comment=comment,
                by=me(),
                body=body,
                version=version,
                why=form.why.data or "",
                at=utc_now(),
            )
    except EditConflict as conflict:
        comment = _own(comment_id)
        editing = Editing.after(conflict, comment, body)
        return _show_form(comment, form, editing, status=409)
    return see_post(comment.question_id, comment_id, said="edited")


@pages.get("/comments/<id:comment_id>/delete")
@open_to(Audience.MEMBERS)
def confirm_delete_comment(comment_id: int) -> ResponseReturnValue:
    """Ask before a comment goes."""
    comment = _own(comment_id)
    return show("posts/delete.html", post=comment, question=comment.question)


@pages.post("/comments/<id:comment_id>/delete")
@open_to(Audience.MEMBERS)
def delete_comment(comment_id: int) -> ResponseReturnValue:
    """Take the comment back."""
    with transaction() as session:
        comment = comments.get_comment(session, me(), comment_id)
        comments.delete_comment(session, comment=comment, by=me(), at=utc_now())
    return see("show_question", question_id=comment.question_id, said="deleted", undo=comment_id)


def _own(comment_id: int) -> Comment:
    """Return a comment that the reader may edit."""
    comment = comments.get_comment(db.session(), me(), comment_id)
    if not may(me(), "edit", comment):
        raise NotAllowed(N_("Only its author and stewards can edit a comment."), comment=comment_id)
    return comment


def _get_post(post_id: int) -> Question | Answer:
    return comments.get_post(db.session(), me(), post_id)


def _show_thread_with(
    post: Question | Answer, form: CommentForm, *, status: int = 200
) -> ResponseReturnValue:
    typed = Typed(comment=form, under=post.id)
    return show_thread(question_of(post).id, typed, status=status)


def _show_form(
    comment: Comment, form: CommentForm, editing: Editing, *, status: int = 200
) -> ResponseReturnValue:
    return show(
        "comments/edit.html",
        status=status,
        comment=comment,
        question=comment.question,
        form=form,
        editing=editing,
    )
