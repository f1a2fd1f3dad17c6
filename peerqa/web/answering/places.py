"""Where a post stands: addresses of answers and comments; what was taken back; other kinds."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Question
from peerqa.permissions import question_of
from peerqa.services import answers, comments, spaces
from peerqa.services.answering import converting, deletions, doubts
from peerqa.web.moderating.decisions import lead_to_ruling
from peerqa.web.pages import address_of_post, me, pages, see, see_post, show


@pages.get("/answers/<id:answer_id>")
@open_to(Audience.MEMBERS)
def show_answer(answer_id: int) -> ResponseReturnValue:
    """Lead to an answer; one that became a comment is found as that."""
    return _lead_to(answer_id, N_("There is no such answer."))


@pages.get("/comments/<id:comment_id>")
@open_to(Audience.MEMBERS)
def show_comment(comment_id: int) -> ResponseReturnValue:
    """Lead to a comment; one that became an answer is found as that."""
    return _lead_to(comment_id, N_("There is no such comment."))


def _lead_to(post_id: int, sentence: str) -> ResponseReturnValue:
    try:
        post = comments.get_any_post(db.session(), me(), post_id)
    except NotFound:
        return lead_to_ruling(post_id, sentence)
    if isinstance(post, Question):
        return redirect(url_for("pages.show_question", question_id=post_id), 302)
    said = request.args.get("said")
    return redirect(address_of_post(post.question_id, post_id, said=said), 302)


@pages.post("/answers/<id:answer_id>/convert")
@open_to(Audience.MEMBERS)
def convert_answer(answer_id: int) -> ResponseReturnValue:
    """Make an answer a comment."""
    with transaction() as session:
        answer = answers.get_answer(session, me(), answer_id)
        converting.convert_to_comment(session, answer=answer, by=me(), at=utc_now())
    return see("show_comment", comment_id=answer_id, said="converted")


@pages.post("/comments/<id:comment_id>/convert")
@open_to(Audience.MEMBERS)
def convert_comment(comment_id: int) -> ResponseReturnValue:
    """Make a comment an answer."""
    with transaction() as session:
        comment = comments.get_comment(session, me(), comment_id)
        converting.convert_to_answer(session, comment=comment, by=me(), at=utc_now())
    return see("show_answer", answer_id=comment_id, said="converted")


@pages.post("/posts/<id:post_id>/restore")
@open_to(Audience.MEMBERS)
def restore_post(post_id: int) -> ResponseReturnValue:
    """Bring back what was taken back."""
    with transaction() as session:
        post = deletions.get_deleted(session, me(), post_id, at=utc_now())
        deletions.restore_post(session, post=post, by=me(), at=utc_now())
        question_id = question_of(post).id
    return see_post(question_id, post_id, said="back")


@pages.get("/spaces/<id:space_id>/care")
@open_to(Audience.MEMBERS)
def show_care(space_id: int) -> ResponseReturnValue:
    """Show stewards what is said to be no longer right, and what was taken back."""
    session = db.session()
    space = spaces.get_kept_space(session, me(), space_id)
    return show(
        "marking/care.html",
        space=space,
        doubted=doubts.list_doubted(session, space),
        deleted=deletions.list_deleted(session, space),
    )
