"""A question: read, edited, taken back."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, NotAllowed, NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Question
from peerqa.permissions import may
from peerqa.services import questions
from peerqa.services.answering import naming
from peerqa.services.posts import EditConflict
from peerqa.services.upkeep.guides import find_guide
from peerqa.web.answering.merging import lead_on
from peerqa.web.edits import Editing, read_version
from peerqa.web.forms import QuestionForm, filled_from
from peerqa.web.moderating.decisions import lead_to_ruling
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text
from peerqa.web.thread import list_near, show_question_read


@pages.get("/questions/<id:question_id>")
@open_to(Audience.MEMBERS)
def show_question(question_id: int) -> ResponseReturnValue:
    """Show a question with its answers; lead on from one whose answers are elsewhere."""
    try:
        question = questions.get_question(db.session(), me(), question_id)
    except NotFound:
        if find_guide(db.session(), me(), question_id) is not None:
            return see("show_guide", guide_id=question_id, said=request.args.get("said"))
        return lead_to_ruling(question_id, N_("There is no such question."))
    led = lead_on(question)
    return show_question_read(question) if led is None else led


@pages.get("/questions/<id:question_id>/near")
@open_to(Audience.MEMBERS)
def show_near(question_id: int) -> ResponseReturnValue:
    """Answer the side list, which the page fetches when it stands: it need not wait for this."""
    question = questions.get_question(db.session(), me(), question_id)
    return show("questions/_near.html", near=list_near(question))


@pages.get("/questions/<id:question_id>/mentions")
@open_to(Audience.MEMBERS)
def show_named(question_id: int) -> ResponseReturnValue:
    """Answer whom one may mean, while one writes behind an @."""
    question = questions.get_question(db.session(), me(), question_id)
    typed = request.args.get("q", "")
    people = naming.list_named(db.session(), question, typed, reader=me(), at=utc_now())
    return show("mentions/_options.html", people=people)


@pages.get("/questions/<id:question_id>/edit")
@open_to(Audience.MEMBERS)
def edit_question(question_id: int) -> ResponseReturnValue:
    """Show the form with the present text."""
    question = _own(question_id)
    return _show_form(question, filled_from(question, QuestionForm), Editing(question.version))


def show_edited(question_id: int) -> ResponseReturnValue:
    """Show the form as it was sent."""
    return _show_form(_own(question_id), QuestionForm(request.form), Editing(read_version()))


@pages.post("/questions/<id:question_id>/edit")
@open_to(Audience.MEMBERS)
@keeps_text(show_edited)
def save_question(question_id: int) -> ResponseReturnValue:
    """Save the edit, or show both texts when somebody else was faster."""
    form, version = QuestionForm(request.form), read_version()
    if not form.validate():
        return _show_form(_own(question_id), form, Editing(version), status=422)
    try:
        with transaction() as session:
            questions.edit_question(
                session,
                question=questions.get_question(session, me(), question_id),
                by=me(),
                title=form.title.data or "",
                body=form.body.data or "",
                topic_names=form.topic_names,
                version=version,
                why=form.why.data or "",
                at=utc_now(),
            )
    except EditConflict as conflict:
        question = _own(question_id)
        return _show_form(
            question, form, Editing.after(conflict, question, _as_text(form)), status=409
        )
    return see("show_question", question_id=question_id, said="edited")


@pages.get("/questions/<id:question_id>/delete")
@open_to(Audience.MEMBERS)
def confirm_delete_question(question_id: int) -> ResponseReturnValue:
    """Ask before a question goes."""
    question = _own(question_id)
    questions.refuse_answered(question, by=me())
    return show("posts/delete.html", post=question, question=question)


@pages.post("/questions/<id:question_id>/delete")
@open_to(Audience.MEMBERS)
def delete_question(question_id: int) -> ResponseReturnValue:
    """Take the question back."""
    with transaction() as session:
        question = questions.get_question(session, me(), question_id)
        questions.delete_question(session, question=question, by=me(), at=utc_now())
    return see("home", said="deleted", undo=question_id)


def _own(question_id: int) -> Question:
    """Return a question that the reader may edit."""
    question = questions.get_question(db.session(), me(), question_id)
    if not may(me(), "edit", question):
        raise NotAllowed(
            N_("Only the person who asked and stewards can edit a question."), question=question_id
        )
    return question


def _as_text(form: QuestionForm) -> str:
    return f"{form.title.data}\n\n{form.body.data}"


def _show_form(
    question: Question, form: QuestionForm, editing: Editing, *, status: int = 200
) -> ResponseReturnValue:
    return show("questions/edit.html", status=status, question=question, form=form, editing=editing)
