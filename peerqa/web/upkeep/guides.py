"""Guides: made from threads by stewards, read by everybody who may see them."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import StringField, TextAreaField

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid, NotAllowed
from peerqa.gate import Audience, open_to
from peerqa.models import Guide, Space
from peerqa.paging import read_id
from peerqa.permissions import may
from peerqa.services import answers, questions, spaces
from peerqa.services.posts import EditConflict, read_body
from peerqa.services.upkeep import citing, guides
from peerqa.web.edits import Editing, read_version
from peerqa.web.forms import QuestionForm, filled_from, reads, refuse
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text


class GuideForm(QuestionForm):
    """A guide, made or edited."""

    body = TextAreaField(validators=[reads(lambda body: read_body(body, required=True))])
    sources = StringField(validators=[reads(guides.read_sources)])


@pages.get("/guides")
@open_to(Audience.MEMBERS)
def list_guides() -> ResponseReturnValue:
    """Show the guides, the latest first."""
    return show("guides/guides.html", guides=guides.list_guides(db.session(), me()))


@pages.get("/guides/<id:guide_id>")
@open_to(Audience.MEMBERS)
def show_guide(guide_id: int) -> ResponseReturnValue:
    """Show a guide, and what it was made from."""
    session = db.session()
    guide = guides.get_guide(session, me(), guide_id)
    sources = guides.list_sources(session, guide, reader=me())
    return show("guides/guide.html", guide=guide, sources=sources)


@pages.get("/spaces/<id:space_id>/guides/new")
@open_to(Audience.MEMBERS)
def new_guide(space_id: int) -> ResponseReturnValue:
    """Show the form, with what a thread says in it."""
    space = spaces.get_kept_space(db.session(), me(), space_id)
    thread_id, form = read_id(request.args.get("thread")), GuideForm()
    if thread_id is not None:
        question = questions.get_question(db.session(), me(), thread_id)
        texts = [answer.body for answer in answers.list_answers(db.session(), question, page=1)]
        form = filled_from(question, GuideForm, body="".join(texts[:1]), sources=str(question.id))
    return _show_form(form, space=space)


def show_typed_guide(space_id: int) -> ResponseReturnValue:
    """Show the form as it was sent."""
    space = spaces.get_kept_space(db.session(), me(), space_id)
    return _show_form(GuideForm(request.form), space=space)


@pages.post("/spaces/<id:space_id>/guides")
@open_to(Audience.MEMBERS)
@keeps_text(show_typed_guide)
def make_guide(space_id: int) -> ResponseReturnValue:
    """Make a guide."""
    space = spaces.get_kept_space(db.session(), me(), space_id)
    form = GuideForm(request.form)
    if not form.validate():
        return _show_form(form, space=space, status=422)
    try:
        with transaction() as session:
            guide = guides.make_guide(
                session,
                space=spaces.get_kept_space(session, me(), space_id),
                by=me(),
                title=form.title.data or "",
                body=form.body.data or "",
                topic_names=form.topic_names,
                source_ids=guides.read_sources(form.sources.data or ""),
                at=utc_now(),
            )
    except Invalid as refusal:
        refuse(form.sources, refusal)
        space = spaces.get_kept_space(db.session(), me(), space_id)
        return _show_form(form, space=space, status=422)
    return see("show_guide", guide_id=guide.id, said="guide-made")


@pages.get("/guides/<id:guide_id>/edit")
@open_to(Audience.MEMBERS)
def edit_guide(guide_id: int) -> ResponseReturnValue:
    """Show the form with the present text."""
    guide = _own(guide_id)
    sources = citing.list_all_sources(db.session(), guide)
    form = filled_from(guide, GuideForm, sources=", ".join(str(each.id) for each in sources))
    return _show_form(form, guide=guide, editing=Editing(guide.version))


def show_edited_guide(guide_id: int) -> ResponseReturnValue:
    """Show the form as it was sent."""
    form, editing = GuideForm(request.form), Editing(read_version())
    return _show_form(form, guide=_own(guide_id), editing=editing)


@pages.post("/guides/<id:guide_id>/edit")
@open_to(Audience.MEMBERS)
@keeps_text(show_edited_guide)
def save_guide(guide_id: int) -> ResponseReturnValue:
    """Save the edit, or show both texts when somebody else was faster."""
    guide, form, version = _own(guide_id), GuideForm(request.form), read_version()
    if not form.validate():
        return _show_form(form, guide=guide, editing=Editing(version), status=422)
    try:
        with transaction() as session:
            guides.edit_guide(
                session,
                guide=guides.get_guide(session, me(), guide_id),
                by=me(),
                title=form.title.data or "",
                body=form.body.data or "",
                topic_names=form.topic_names,
                source_ids=guides.read_sources(form.sources.data or ""),
                version=version,
                why=form.why.data or "",
                at=utc_now(),
            )
    except EditConflict as conflict:
        guide = _own(guide_id)
        editing = Editing.after(conflict, guide, f"{form.title.data}\n\n{form.body.data}")
        return _show_form(form, guide=guide, editing=editing, status=409)
    except Invalid as refusal:
        refuse(form.sources, refusal)
        return _show_form(form, guide=_own(guide_id), editing=Editing(version), status=422)
    return see("show_guide", guide_id=guide_id, said="edited")


def _own(guide_id: int) -> Guide:
    """Return a guide that the reader may edit."""
    guide = guides.get_guide(db.session(), me(), guide_id)
    if not may(me(), "edit", guide):
        raise NotAllowed(N_("Only stewards of its space can edit a guide."), guide=guide_id)
    return guide


def _show_form(
    form: GuideForm,
    *,
    space: Space | None = None,
    guide: Guide | None = None,
    editing: Editing | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    return show(
        "guides/edit.html",
        status=status,
        form=form,
        guide=guide,
        question=guide,
        space=space or (guide.space if guide else None),
        editing=editing or Editing(1),
        heading=gettext("Edit this guide") if guide else gettext("Make a guide"),
    )
