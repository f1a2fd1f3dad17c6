"""Answers: given, accepted, edited, taken back."""

from datetime import datetime, timedelta

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, hold, transaction
from peerqa.errors import N_, NotAllowed
from peerqa.gate import Audience, count, instance_key, open_to
from peerqa.models import Answer, Member, Question
from peerqa.permissions import is_author, may
from peerqa.services import answers, questions
from peerqa.services.answering.stand_in import stand_in
from peerqa.services.asking import drafts
from peerqa.services.asking.drafts import answer_place
from peerqa.services.asking.masks import blur
from peerqa.services.posts import EditConflict, read_body
from peerqa.web.asking.drafts import read_text
from peerqa.web.asking.pictures import put_into, takes_pictures
from peerqa.web.edits import Editing, read_version
from peerqa.web.forms import TextForm
from peerqa.web.pages import me, pages, see, see_post, show
from peerqa.web.preview import render_preview
from peerqa.web.resume import keeps_text
from peerqa.web.thread import Typed, show_thread
from peerqa.web.votes import read_wanted

SAME_WITHIN = timedelta(minutes=2)  # the same text again within it is a double submit


def show_typed_answer(question_id: int) -> ResponseReturnValue:
    """Show the question with the answer as it was sent."""
    return show_thread(question_id, Typed(answer=TextForm(request.form)))


@pages.post("/questions/<id:question_id>/answers")
@open_to(Audience.MEMBERS)
@takes_pictures
@keeps_text(show_typed_answer)
def post_answer(question_id: int) -> ResponseReturnValue:
    """Preview, add a picture, or answer."""
    form = TextForm(request.form)
    if request.form.get("step") == "picture":
        questions.get_question(db.session(), me(), question_id)
        status = 200 if put_into(form) else 422
        return show_thread(question_id, Typed(answer=form), status=status)
    if request.form.get("step") == "preview":
        preview = render_preview(form.body.data or "")
        return show_thread(question_id, Typed(answer=form, preview=preview))
    if not form.validate():
        return show_thread(question_id, Typed(answer=form), status=422)
    now = utc_now()
    with transaction() as session:
        count(session, "answers")
        question = questions.get_question(session, me(), question_id)
        there = stand_in(session, question, me())
        answer = _find_same(session, there, me(), form, at=now) or answers.post_answer(
            session, question=question, author=me(), body=form.body.data or "", at=now
        )
        place, posted = answer_place(question_id), read_text(request.form)
        drafts.discard_posted(session, me(), place, posted, key=instance_key())
    return see_post(answer.question_id, answer.id, said="answered")


def _find_same(
    session: Session, question: Question, author: Member, form: TextForm, *, at: datetime
) -> Answer | None:
    """Return the answer that a first submit of this form made; of two at once one waits."""
    hold(session, author)
    body = read_body(form.body.data or "", required=True)
    for answer in answers.list_answers(session, question):
        is_own = is_author(author, answer) and answer.body == body
        # times of who asked without a name are kept to the hour
        if is_own and blur(author, answer, at) - answer.created_at < SAME_WITHIN:
            return answer
    return None


@pages.post("/answers/<id:answer_id>/accept")
@open_to(Audience.MEMBERS)
def accept_answer(answer_id: int) -> ResponseReturnValue:
    """Say that this solved it, or take that back."""
    wanted = read_wanted()
    with transaction() as session:
        answer = answers.get_answer(session, me(), answer_id)
        if wanted:
            answers.accept_answer(session, answer=answer, by=me(), at=utc_now())
        else:
            answers.withdraw_acceptance(session, answer=answer, by=me(), at=utc_now())
    return see_post(answer.question_id, answer_id)


@pages.get("/answers/<id:answer_id>/edit")
@open_to(Audience.MEMBERS)
def edit_answer(answer_id: int) -> ResponseReturnValue:
    """Show the form with the present text."""
    answer = _own(answer_id)
    return _show_form(answer, TextForm(body=answer.body), Editing(answer.version))


def show_edited_answer(answer_id: int) -> ResponseReturnValue:
    """Show the form as it was sent."""
    return _show_form(_own(answer_id), TextForm(request.form), Editing(read_version()))


@pages.post("/answers/<id:answer_id>/edit")
@open_to(Audience.MEMBERS)
@keeps_text(show_edited_answer)
def save_answer(answer_id: int) -> ResponseReturnValue:
    """Save the edit, or show both texts when somebody else was faster."""
    form, version = TextForm(request.form), read_version()
    if not form.validate():
        return _show_form(_own(answer_id), form, Editing(version), status=422)
    body = form.body.data or ""
    try:
        with transaction() as session:
            answer = answers.get_answer(session, me(), answer_id)
            answers.edit_answer(
                session,
                answer=answer,
                by=me(),
                body=body,
                version=version,
                why=form.why.data or "",
                at=utc_now(),
            )
    except EditConflict as conflict:
        answer = _own(answer_id)
        return _show_form(answer, form, Editing.after(conflict, answer, body), status=409)
    return see_post(answer.question_id, answer_id, said="edited")


@pages.get("/answers/<id:answer_id>/delete")
@open_to(Audience.MEMBERS)
def confirm_delete_answer(answer_id: int) -> ResponseReturnValue:
    """Ask before an answer goes."""
    answer = _own(answer_id)
    return show("posts/delete.html", post=answer, question=answer.question)


@pages.post("/answers/<id:answer_id>/delete")
@open_to(Audience.MEMBERS)
def delete_answer(answer_id: int) -> ResponseReturnValue:
    """Take the answer back."""
    with transaction() as session:
        answer = answers.get_answer(session, me(), answer_id)
        answers.delete_answer(session, answer=answer, by=me(), at=utc_now())
    return see("show_question", question_id=answer.question_id, said="deleted", undo=answer_id)


def _own(answer_id: int) -> Answer:
    """Return an answer that the reader may edit."""
    answer = answers.get_answer(db.session(), me(), answer_id)
    if not may(me(), "edit", answer):
        raise NotAllowed(N_("Only its author and stewards can edit an answer."), answer=answer_id)
    return answer


def _show_form(
    answer: Answer, form: TextForm, editing: Editing, *, status: int = 200
) -> ResponseReturnValue:
    return show(
        "answers/edit.html",
        status=status,
        answer=answer,
        question=answer.question,
        form=form,
        editing=editing,
    )
