"""What a member does about a post beside answering: follow, bookmark, doubt, settle."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, count, open_to
from peerqa.paging import read_cursor
from peerqa.permissions import question_of
from peerqa.services import answers, comments, questions, spaces, topics
from peerqa.services.answering import doubts, following
from peerqa.services.answering.stand_in import stand_in
from peerqa.web.forms import DoubtForm
from peerqa.web.pages import me, pages, see, see_post, show
from peerqa.web.resume import keeps_text
from peerqa.web.thread import Typed, show_thread
from peerqa.web.votes import read_wanted


@pages.post("/questions/<id:question_id>/follow")
@open_to(Audience.MEMBERS)
def follow_question(question_id: int) -> ResponseReturnValue:
    """Hear of new answers, or no more."""
    wanted = read_wanted()
    with transaction() as session:
        question = stand_in(session, questions.get_question(session, me(), question_id), me())
        following.set_follow(session, thing=question, by=me(), wanted=wanted, at=utc_now())
    return see("show_question", question_id=question_id, said="followed" if wanted else None)


@pages.post("/topics/<name>/follow")
@open_to(Audience.MEMBERS)
def follow_topic(name: str) -> ResponseReturnValue:
    """Hear of new questions on a topic, or no more."""
    wanted = read_wanted()
    with transaction() as session:
        topic = topics.get_visible_topic(session, me(), name)
        following.set_follow(session, thing=topic, by=me(), wanted=wanted, at=utc_now())
    return see("show_topic", name=name, said="followed-many" if wanted else None)


@pages.post("/spaces/<id:space_id>/follow")
@open_to(Audience.MEMBERS)
def follow_space(space_id: int) -> ResponseReturnValue:
    """Hear of new questions in a space, or no more."""
    wanted = read_wanted()
    with transaction() as session:
        space = spaces.get_space(session, me(), space_id)
        following.set_follow(session, thing=space, by=me(), wanted=wanted, at=utc_now())
    return see("show_space", space_id=space_id, said="followed-many" if wanted else None)


@pages.post("/posts/<id:post_id>/bookmark")
@open_to(Audience.MEMBERS)
def bookmark(post_id: int) -> ResponseReturnValue:
    """Put a question or an answer aside, or no more."""
    wanted = read_wanted()
    with transaction() as session:
        post = comments.get_post(session, me(), post_id)
        following.set_bookmark(session, post=post, by=me(), wanted=wanted, at=utc_now())
    return see_post(question_of(post).id, post_id, said="bookmarked" if wanted else None)


@pages.get("/bookmarks")
@open_to(Audience.MEMBERS)
def list_bookmarks() -> ResponseReturnValue:
    """Show what the reader has put aside."""
    after = read_cursor(request.args.get("after"))
    listed = following.list_bookmarks(db.session(), me(), after=after)
    return show("marking/bookmarks.html", listed=listed)


def show_typed_doubt(answer_id: int) -> ResponseReturnValue:
    """Show the answer with the reason as it was sent."""
    return _show_with(answer_id, DoubtForm(request.form), status=200)


@pages.post("/answers/<id:answer_id>/doubt")
@open_to(Audience.MEMBERS)
@keeps_text(show_typed_doubt)
def doubt_answer(answer_id: int) -> ResponseReturnValue:
    """Say that an answer is no longer right, and why; or that it is after all."""
    form = DoubtForm(request.form)
    with transaction() as session:
        answer = answers.get_answer(session, me(), answer_id)
        if request.form.get("wanted") == "0":
            doubts.withdraw_doubt(session, answer=answer, by=me(), at=utc_now())
        elif form.validate():
            count(session, "flags")
            reason = form.reason.data or ""
            doubts.doubt_answer(session, answer=answer, by=me(), reason=reason, at=utc_now())
    if form.errors:
        return _show_with(answer_id, form, status=422)
    return see_post(answer.question_id, answer_id)


@pages.post("/answers/<id:answer_id>/settle")
@open_to(Audience.MEMBERS)
def settle_doubts(answer_id: int) -> ResponseReturnValue:
    """Say as a steward that an answer is right."""
    with transaction() as session:
        answer = answers.get_answer(session, me(), answer_id)
        doubts.settle_doubts(session, answer=answer, by=me(), at=utc_now())
    return see_post(answer.question_id, answer_id, said="settled")


def _show_with(answer_id: int, form: DoubtForm, *, status: int) -> ResponseReturnValue:
    answer = answers.get_answer(db.session(), me(), answer_id)
    return show_thread(answer.question_id, Typed(doubt=form, under=answer_id), status=status)
