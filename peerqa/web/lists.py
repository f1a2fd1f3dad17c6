"""Lists of questions: home, a space, a topic. Twenty at a time, the most recently active first."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.gate import Audience, open_to
from peerqa.paging import read_cursor
from peerqa.services import reading, spaces, topics
from peerqa.services.answering import following
from peerqa.services.reading import QuestionFilter
from peerqa.services.routing import reading as waiting
from peerqa.services.upkeep.keepers import list_keepers
from peerqa.web.pages import me, pages, show


@pages.get("/")
@open_to(Audience.MEMBERS)
def home() -> ResponseReturnValue:
    """Show the search box, and what colleagues ask."""
    only_open = _only_open()
    listed = reading.list_questions(
        db.session(),
        me(),
        only=QuestionFilter(is_answered=False if only_open else None),
        after=read_cursor(request.args.get("after")),
    )
    return show(
        "home/home.html",
        listed=listed,
        only_open=only_open,
        spaces=spaces.list_spaces(db.session(), me()),
        waiting=waiting.count_for(db.session(), me()),
        is_first_page=not request.args.get("after"),
    )


@pages.get("/spaces/<id:space_id>")
@open_to(Audience.MEMBERS)
def show_space(space_id: int) -> ResponseReturnValue:
    """Show the questions of a space."""
    space = spaces.get_space(db.session(), me(), space_id)
    only_open = _only_open()
    listed = reading.list_questions(
        db.session(),
        me(),
        only=QuestionFilter(space_id=space.id, is_answered=False if only_open else None),
        after=read_cursor(request.args.get("after")),
    )
    return show(
        "spaces/space.html",
        space=space,
        listed=listed,
        only_open=only_open,
        is_followed=following.is_followed(db.session(), space, me()),
    )


@pages.get("/topics/")
@open_to(Audience.MEMBERS)
def list_topics() -> ResponseReturnValue:
    """Show what colleagues ask about most."""
    return show("topics/topics.html", topics=topics.list_topics(db.session(), me(), limit=200))


@pages.get("/topics/<name>")
@open_to(Audience.MEMBERS)
def show_topic(name: str) -> ResponseReturnValue:
    """Show the questions about a topic, and who keeps it."""
    return show_topic_page(name)


def show_topic_page(
    name: str, *, typed: str = "", error: str = "", status: int = 200
) -> ResponseReturnValue:
    """Show a topic; with what was typed into its form, and why that was refused."""
    topic = topics.get_visible_topic(db.session(), me(), name.replace("\x00", ""))
    only_open = _only_open()
    listed = reading.list_questions(
        db.session(),
        me(),
        only=QuestionFilter(topic_id=topic.id, is_answered=False if only_open else None),
        after=read_cursor(request.args.get("after")),
    )
    return show(
        "topics/topic.html",
        status=status,
        topic=topic,
        listed=listed,
        only_open=only_open,
        is_followed=following.is_followed(db.session(), topic, me()),
        keepers=list_keepers(db.session(), topic),
        typed=typed,
        error=error,
    )


def _only_open() -> bool:
    return request.args.get("show") == "open"
