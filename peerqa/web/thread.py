"""The page of a question with all that stands under it; shown by many routes, in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm.attributes import set_committed_value

from peerqa import markup
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.errors import Invalid
from peerqa.models import Answer, Comment, Doubt, Question, Reveal, Ruling
from peerqa.paging import read_id
from peerqa.permissions import may, wears_mask
from peerqa.search.hits import Hit, reader_of
from peerqa.services import answers, comments, questions
from peerqa.services.answering import doubts
from peerqa.services.answering.marks import Duplicate, Marks, list_marks
from peerqa.services.asking import anonymous
from peerqa.services.asking.drafts import answer_place
from peerqa.services.helped import count_helped
from peerqa.services.look_ups import ShownHit
from peerqa.services.moderating import rulings
from peerqa.web.asking.drafts import find_draft, read_version
from peerqa.web.forms import DoubtForm, TextForm
from peerqa.web.pages import me, show
from peerqa.web.routing.for_me import Asked, find_asked
from peerqa.web.shown_hits import LONGEST_KEY, read_signed
from peerqa.web.similar import engine

LONGEST_PASSAGE = 600  # characters; a longer mark marks nothing
MOST_NEAR = 5


@dataclass(frozen=True)
class Typed:
    """What somebody has typed under the question, shown again."""

    answer: TextForm = field(default_factory=TextForm)
    comment: TextForm = field(default_factory=TextForm)
    doubt: DoubtForm = field(default_factory=DoubtForm)
    under: int | None = None  # the post that the comment or the doubt is about
    preview: Markup | None = None  # of the answer
    draft_version: int = field(default_factory=read_version)  # that the answer's form shows

    @classmethod
    def from_draft(cls, question_id: int) -> "Typed":
        """Return the answer that the reader has begun."""
        kept = find_draft(answer_place(question_id))
        return cls(answer=TextForm(body=kept.text.body), draft_version=kept.version)


@dataclass(frozen=True)
class CameFrom:
    """The look-up that brought the reader here."""

    signed: str
    look_up: str
    hit: ShownHit


@dataclass(frozen=True)
class Place:
    """Which part of a long thread is shown."""

    page: int  # of answers, from 1
    pages: int
    all_of: int | None  # the post whose comments are all shown


@dataclass(frozen=True)
class Thread:
    """A question and everything under it, read in a fixed number of queries."""

    question: Question
    original: Question | None  # that it duplicates, when the reader may know of it
    answers: Sequence[Answer]
    comments: Mapping[int, Sequence[Comment]]
    comment_counts: Mapping[int, int]
    marks: Marks
    doubts: Mapping[int, Sequence[Doubt]]
    place: Place
    helped: Mapping[int, int]
    typed: Typed
    came_from: CameFrom | None
    rulings: Sequence[Ruling] = ()  # that the reader should know of
    reveal: Reveal | None = None  # of who asked anonymously; for themself
    asked: Asked | None = None  # who was asked, where it waits for an answer

    @property
    def voted(self) -> set[int]:
        """The posts that the reader voted for."""
        return self.marks.voted

    @property
    def led_from(self) -> Duplicate | None:
        """The question whose address led here."""
        wanted = read_id(request.args.get("led_from"))
        return next((each for each in self.marks.duplicates if each.id == wanted), None)

    def may_accept(self, answer: Answer) -> bool:
        """Whether the reader may say now that this solved it."""
        return may(me(), "accept", answer) and not answers.is_too_early(answer, me(), at=utc_now())

    def html_of(self, answer: Answer) -> Markup:
        """Return an answer's text, with the passage marked that the reader came for."""
        start, end = _passage_for(answer)
        html = markup.mark_passage(answer.html, start, end) if start < end else answer.html
        return Markup(html)  # noqa: S704 - markup.render() made it safe

    def asks_about(self, post: Question | Answer) -> bool:
        """Whether the reader is asked here if this solved it."""
        if self.came_from is None:
            return False
        shown = self.came_from.hit.answer_id
        if shown not in {answer.id for answer in self.answers}:
            shown = self.question.id
        return post.id == shown


def show_thread(
    question_id: int, typed: Typed | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Show the question; 404 for whoever may not know of it."""
    question = questions.get_question(db.session(), me(), question_id)
    return show_question_read(question, typed, status=status)


def show_question_read(
    question: Question, typed: Typed | None = None, *, status: int = 200
) -> ResponseReturnValue:
    """Show a question that was read with its author, space and topics."""
    session = db.session()
    place = _find_place(question, typed.under if typed else None)
    rows = answers.list_answers(session, question, page=place.page)
    set_committed_value(question, "answers", rows)  # what may() asks about; it reads no more
    ids = [question.id, *(row.id for row in rows)]
    remarks, counts = comments.list_first_comments(session, ids, all_of=place.all_of)
    thread = Thread(
        question,
        questions.find_visible_original(question, reader=me()),
        rows,
        remarks,
        counts,
        list_marks(session, me(), question, ids),
        doubts.list_doubts(session, ids[1:]),
        place,
        count_helped(session, me(), {row.author_id for row in rows if row.author_id}),
        typed or Typed.from_draft(question.id),
        _came_from(question),
        rulings.list_in_thread(session, question, reader=me()),
        anonymous.find_reveal(session, question) if wears_mask(me(), question) else None,
        find_asked(question),
    )
    return show("questions/question.html", status=status, thread=thread, question=question)


def _find_place(question: Question, under: int | None) -> Place:
    """Read which part is wanted: where something was typed, where a post stands, or a page."""
    session, pages = db.session(), -(-question.answer_count // answers.PAGE_OF_ANSWERS) or 1
    post_id = under or read_id(request.args.get("post")) or read_id(request.args.get("answer"))
    all_of = read_id(request.args.get("comments"))
    page = min(max(read_id(request.args.get("page")) or 1, 1), pages)
    if post_id is not None:
        parent = comments.find_parent(session, question, post_id)
        all_of = all_of or parent
        page = answers.find_page(session, question, parent or post_id) if pages > 1 else 1
    return Place(page, pages, all_of)


def list_near(question: Question) -> list[Hit]:
    """Return questions near this one, as far as the reader may see."""
    found = engine().similar(
        db.session(), reader_of(me()), title=question.title, body=question.plain[:1000],
        space_id=question.space_id,
    )  # fmt: skip
    near = [hit for hit in (*found.hits, *found.related) if hit.question.id != question.id]
    return near[:MOST_NEAR]


def _came_from(question: Question) -> CameFrom | None:
    """Read the look-up out of the address; a damaged one only means none."""
    signed, look_up = request.args.get("hit", ""), request.args.get("look_up", "")
    if not signed or not look_up or len(look_up) > LONGEST_KEY:
        return None
    try:
        hit = read_signed(signed)
    except Invalid:
        return None
    return CameFrom(signed, look_up, hit) if hit.question_id == question.id else None


def _passage_for(answer: Answer) -> tuple[int, int]:
    """Read the passage out of the address, cut to the answer's text; (0, 0) for none."""
    start, end = read_id(request.args.get("start")), read_id(request.args.get("end"))
    if read_id(request.args.get("answer")) != answer.id or start is None or end is None:
        return 0, 0
    end = min(end, len(answer.plain))
    return (start, end) if start < end <= start + LONGEST_PASSAGE else (0, 0)
