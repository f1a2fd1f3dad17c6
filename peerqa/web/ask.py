"""Asking: a title, the earlier answers, the details. Nothing that was typed is ever lost.

One form. With JavaScript the steps open as one types; without it, "Look first" sends the title and
comes back with what was found and with the details. A second submit of the same form is harmless:
a question of the same member, with the same title and text, asked within two minutes, is the same
question. (A key per form would need a table of its own, and would not see a page sent twice.)
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from flask import g, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, hold, transaction
from peerqa.errors import N_, Invalid, NotFound
from peerqa.gate import Audience, count, instance_key, open_to
from peerqa.models import Member, Question, Space
from peerqa.models.space import Visibility
from peerqa.paging import read_id
from peerqa.services import look_ups, questions, reading, spaces
from peerqa.services.asking import anonymous, drafts
from peerqa.services.asking.drafts import ASK, DraftText
from peerqa.services.look_ups import LookUpSource
from peerqa.services.posts import read_body
from peerqa.services.questions import read_title
from peerqa.services.topics import MAX_TOPICS
from peerqa.web.asking.drafts import find_draft, read_text, read_version
from peerqa.web.asking.pictures import put_into, takes_pictures
from peerqa.web.forms import QuestionForm, refuse
from peerqa.web.pages import me, pages, see, show
from peerqa.web.preview import render_preview
from peerqa.web.resume import keeps_text
from peerqa.web.shown_hits import LONGEST_KEY, new_key, read_signed
from peerqa.web.similar import NOTHING, Suggestions, suggest

SAME_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class AskPage:
    """All that the ask page shows."""

    form: QuestionForm
    look_up: str
    found: Suggestions = NOTHING
    spaces: Sequence[Space] = ()
    has_details: bool = False  # the third step is open
    preview: Markup | None = None
    dismissed: set[int] = field(default_factory=set)  # questions that were said to be different
    draft_version: int = 0  # that the form shows; 0 for none
    other_draft: DraftText | None = None  # that is kept, and not the one in the form

    @property
    def offers_anonymous(self) -> bool:
        """Whether one can ask anonymously in one of the spaces."""
        return any(anonymous.may_be_asked(space, me().organization) for space in self.spaces)


@pages.get("/ask")
@open_to(Audience.MEMBERS)
def ask() -> ResponseReturnValue:
    """Show the empty form, or one that begins with what was searched for; reads no index yet."""
    title, space = request.args.get("title", ""), request.args.get("space", "")
    kept = find_draft(ASK)
    if kept.version and title in {"", kept.text.title}:
        form = QuestionForm(data=asdict(kept.text))
        has_details = bool(kept.text.body or kept.text.topics)
        return _show(form, has_details=has_details, draft_version=kept.version)
    visibility = me().organization.question_visibility
    form = QuestionForm(title=title, space=space, visibility=visibility)
    other = kept.text if kept.version and not kept.text.is_empty else None
    return _show(form, has_details=False, other_draft=other, begins=True)


def _begin_from_template(form: QuestionForm, listed: Sequence[Space]) -> None:
    """Let an empty text begin with the template of the space that is chosen, or comes first."""
    if (form.body.data or "").strip():
        return
    first = listed[0] if listed else None
    chosen = next((space for space in listed if str(space.id) == form.space.data), first)
    form.body.data = chosen.template if chosen is not None else ""


def show_typed(without: int | None = None) -> ResponseReturnValue:
    """Show the form as it was sent, with its details open."""
    return _show(QuestionForm(request.form), has_details=True, without=without)


@pages.post("/ask")
@open_to(Audience.MEMBERS)
@takes_pictures
@keeps_text(show_typed)
def post_question() -> ResponseReturnValue:
    """Look first, preview, add a topic, or ask."""
    form = QuestionForm(request.form)
    step = request.form.get("step", "post")
    if topic := request.form.get("add_topic"):
        form.topics.data = ", ".join(filter(None, [form.topics.data, topic]))
        return _show(form, has_details=True)
    if step == "picture":
        status = 200 if put_into(form) else 422
        return _show(form, has_details=True, status=status)
    if step == "preview":
        return _show(form, has_details=True, preview=render_preview(form.body.data or ""))
    if step == "look":
        is_fine = form.title.validate(form)
        return _show(form, has_details=is_fine, status=200 if is_fine else 422, begins=True)
    if not form.validate():
        return _show(form, has_details=True, status=422)
    try:
        question = _post(form)
    except Invalid as refusal:
        if refusal.field not in {"space", "anonymous"}:
            raise
        refuse(form[refusal.field], refusal)
        return _show(form, has_details=True, status=422)
    said = "asked-anonymously" if form.is_anonymous else "asked"
    return see("show_question", question_id=question.id, said=said)


def _post(form: QuestionForm) -> Question:
    now = utc_now()
    with transaction() as session:
        count(session, "questions")
        author = me()
        space = _chosen_space(session, author, form.space.data)
        if (form.body.data or "").replace("\r\n", "\n").strip() == space.template:
            form.body.data = ""  # nothing was filled in
        if form.is_anonymous:
            question = _post_anonymously(session, author, space, form, at=now)
        else:
            question = _find_same(session, author, form, at=now) or questions.post_question(
                session, space=space, author=author, **_typed(form), at=now
            )
            _record_posted(session, form.title.data or "", at=now)
        posted = read_text(request.form)
        drafts.discard_posted(session, author, ASK, posted, key=instance_key())
    return question


def _post_anonymously(
    session: Session, author: Member, space: Space, form: QuestionForm, *, at: datetime
) -> Question:
    """Ask without a name; nothing that this request writes beside it leads to the person."""
    g.leaves_no_trace = True
    question, is_new = anonymous.ask_anonymously(
        session, space=space, author=author, **_typed(form), key=instance_key(), at=at
    )
    if is_new:
        source = _record_posted(session, form.title.data or "", at=at)
        if source is not None:
            look_ups.cut_loose(session, source=source, at=at, key=instance_key())
    return question


class _Typed(TypedDict):
    title: str
    body: str
    topic_names: list[str]
    visibility: Visibility


def _typed(form: QuestionForm) -> _Typed:
    return _Typed(
        title=form.title.data or "",
        body=form.body.data or "",
        topic_names=form.topic_names,
        visibility=Visibility.SPACE if form.is_for_space_only else Visibility.ORGANIZATION,
    )


def _find_same(
    session: Session, author: Member, form: QuestionForm, *, at: datetime
) -> Question | None:
    """Return the question that a first submit of this form made; of two at once one waits."""
    hold(session, author)
    title = read_title(form.title.data or "")
    body = read_body(form.body.data or "", required=False)
    recent = reading.list_asked_since(session, author, at - SAME_WITHIN)
    return next((row for row in recent if row.title == title and row.body == body), None)


def _chosen_space(session: Session, member: Member, text: str | None) -> Space:
    space_id = read_id(text)
    try:
        if space_id is None:
            raise NotFound(_NO_SPACE)
        return spaces.get_space(session, member, space_id)
    except NotFound:
        raise Invalid(_NO_SPACE, field="space") from None


def _record_posted(session: Session, title: str, *, at: datetime) -> LookUpSource | None:
    """Keep the evidence that the person asked anyway; a damaged page only has none."""
    key = request.form.get("look_up", "")
    if not key or len(key) > LONGEST_KEY:
        return None
    source = LookUpSource(me(), key, "ask", title.replace("\x00", ""))
    try:
        shown = [read_signed(signed) for signed in request.form.getlist("shown")[:3]]
    except Invalid:
        shown = []
    look_ups.record_shown(session, source=source, hits=shown, key=instance_key(), at=at)
    look_ups.record_posted(session, source=source, key=instance_key(), at=at)
    return source


def _show(
    form: QuestionForm,
    *,
    has_details: bool,
    preview: Markup | None = None,
    without: int | None = None,
    draft_version: int | None = None,
    other_draft: DraftText | None = None,
    status: int = 200,
    begins: bool = False,
) -> ResponseReturnValue:
    """Show the form; where it begins, an empty text is the template of its space."""
    listed = spaces.list_spaces(db.session(), me(), to_ask_in=True)
    if begins:
        _begin_from_template(form, listed)
    key = request.form.get("look_up", "")[:LONGEST_KEY] or new_key()
    said_different = [*map(read_id, request.form.getlist("dismissed")), without]
    shown = AskPage(
        form,
        key,
        found=suggest(
            form.title.data or "",
            form.body.data or "",
            key=key,
            space=form.space.data or "",
            topics=(form.topics.data or "").split(",")[:MAX_TOPICS],
        )
        if request.method == "POST"
        else NOTHING,
        spaces=listed,
        has_details=has_details,
        preview=preview,
        dismissed={i for i in said_different if i is not None},
        draft_version=read_version() if draft_version is None else draft_version,
        other_draft=other_draft,
    )
    return show("questions/ask.html", status=status, page=shown)


_NO_SPACE = N_("Choose the space that this belongs to.")
