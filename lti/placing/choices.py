"""What a teacher can place in a course, and what was chosen: "space-3", "topic-7", "question-9"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import current_app
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.models import Context
from lti.models.context import PlacedKind
from lti.placing import placements
from lti.placing.placements import Placed
from peerqa.database import one_line
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Member, Question, Space
from peerqa.paging import read_id
from peerqa.permissions import visible_to
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.services import questions, spaces, topics

LONGEST_TITLE = 150
MOST_CHOICES = 20
MOST_TOPICS = 60


@dataclass(frozen=True)
class Choice:
    """One thing that was chosen, and what the course shall call it."""

    pick: str
    thing: Placed
    title: str
    is_own: bool = False  # the course's own board

    @property
    def name(self) -> str:
        """What it is called here."""
        return self.thing.title if isinstance(self.thing, Question) else self.thing.name

    @property
    def kind(self) -> PlacedKind:
        """Which kind of thing it is."""
        return placements.kind_of(self.thing)

    @property
    def text(self) -> str:
        """The sentence that an LMS shows beneath the title."""
        sentences = {
            PlacedKind.SPACE: N_("Ask colleagues, and see what they answered."),
            PlacedKind.TOPIC: N_("What colleagues asked and answered about this topic."),
            PlacedKind.QUESTION: N_("A question of a colleague, with its answers."),
        }
        return str(gettext(sentences[self.kind]))


@dataclass(frozen=True)
class Offered:
    """What the picker lists without being asked."""

    own: Choice | None  # the course's board
    spaces: Sequence[Choice]
    topics: Sequence[tuple[Choice, int]]  # with the number of questions


def list_offered(session: Session, member: Member, context: Context | None) -> Offered:
    """Return what the member may place; questions are searched for."""
    seen = [_choose(space, context) for space in spaces.list_spaces(session, member)]
    return Offered(
        own=next((choice for choice in seen if choice.is_own), None),
        spaces=[choice for choice in seen if not choice.is_own],
        topics=[
            (_choose(topic, context), count)
            for topic, count in topics.list_topics(session, member, limit=MOST_TOPICS)
        ],
    )


def search_questions(session: Session, member: Member, query: str) -> list[Choice]:
    """Return the questions near what was typed, best first, each once."""
    engine: SearchEngine = current_app.extensions["peerqa.search"]
    found = engine.search(session, reader_of(member), query=query, start=0)
    near = [hit.question.id for hit in found.hits]
    rows = session.scalars(select(Question).where(Question.id.in_(near), visible_to(member)))
    by_id = {question.id: question for question in rows}
    return [_choose(by_id[each], None) for each in near if each in by_id]


def read_choices(
    session: Session, member: Member, context: Context | None, picks: Sequence[str]
) -> list[Choice]:
    """Return what was chosen, each once; what the member may not see is as if it were not there."""
    chosen: list[Choice] = []
    for pick in list(dict.fromkeys(picks))[:MOST_CHOICES]:
        kind, _, number = pick.partition("-")
        try:
            thing = _get(session, member, kind, read_id(number) or 0)
        except NotFound:
            continue
        chosen.append(_choose(thing, context))
    return chosen


def with_titles(chosen: Sequence[Choice], titles: Sequence[str]) -> list[Choice]:
    """Give what was chosen the titles that were typed; an empty one is the thing's own name.

    Raises:
        Invalid: a title is too long.
    """
    typed = [one_line(title) for title in titles]
    if any(len(title) > LONGEST_TITLE for title in typed):
        raise Invalid(
            N_("A title in the course has at most %(most)s characters."),
            field="title",
            most=LONGEST_TITLE,
        )
    typed += [""] * (len(chosen) - len(typed))
    return [
        replace(choice, title=title or choice.title)
        for choice, title in zip(chosen, typed, strict=False)
    ]


def _get(session: Session, member: Member, kind: str, number: int) -> Placed:
    if kind == PlacedKind.SPACE:
        return spaces.get_space(session, member, number)
    if kind == PlacedKind.TOPIC:
        return placements.get_topic(session, member, number)
    if kind == PlacedKind.QUESTION:
        return questions.get_question(session, member, number)
    raise NotFound(N_("There is nothing here, or it is not open to you."))


def _choose(thing: Placed, context: Context | None) -> Choice:
    kind = placements.kind_of(thing)
    is_own = isinstance(thing, Space) and context is not None and thing.id == context.space_id
    choice = Choice(f"{kind.value}-{thing.id}", thing, "", is_own=is_own)
    title = gettext(N_("Ask a colleague")) if is_own else choice.name
    return replace(choice, title=title[:LONGEST_TITLE])
