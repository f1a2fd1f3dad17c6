"""Somebody already answered this: what is found while a title is typed. Reads only.

Evidence of what was shown comes back by POST /lookups, once the person has paused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, request
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.gate import Audience, open_to
from peerqa.paging import read_id
from peerqa.search.candidates import MAX_TYPED_BODY
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.services.questions import MAX_TITLE
from peerqa.services.suggestions import suggest_topics
from peerqa.web.pages import me, pages, show
from peerqa.web.shown_hits import Card, make_cards, new_key

ENOUGH_WORDS = 3  # words with content; fewer find little (measured)
ENOUGH_CHARACTERS = 15
_FUNCTION_WORDS = """
a an and are at be can could do does for from get has have how i if in is it its me my of on or our
should so that the there this to was we what when where which who why will with you
"""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Suggestions:
    """What the ask page shows between the title and the details."""

    cards: Sequence[Card]
    topics: Sequence[str]
    is_ready: bool  # enough was typed to look at all
    by_words_only: bool

    @property
    def is_sure(self) -> bool:
        """Whether the first very likely answers."""
        return bool(self.cards) and self.cards[0].hit.state == "very_likely"


NOTHING = Suggestions([], [], is_ready=False, by_words_only=False)


def engine() -> SearchEngine:
    """Return the search engine of the running app."""
    found = current_app.extensions["peerqa.search"]
    assert isinstance(found, SearchEngine)
    return found


def is_enough(title: str) -> bool:
    """Whether a title is long enough to look for its answer."""
    words = set(_WORD.findall(title.lower())) - set(_FUNCTION_WORDS.split())
    return len(words) >= ENOUGH_WORDS or len(title.strip()) >= ENOUGH_CHARACTERS


def suggest(
    title: str, body: str = "", *, key: str, space: str = "", topics: Sequence[str] = ()
) -> Suggestions:
    """Look for earlier answers; a space and topics break ties, and grant nothing."""
    title = title.replace("\x00", "")[:MAX_TITLE]
    if not is_enough(title):
        return NOTHING
    found = engine().similar(
        db.session(),
        reader_of(me()),
        title=title,
        body=body[:MAX_TYPED_BODY],
        typing=f"{me().id} {key}",  # nobody gets in another's way by naming their key
        space_id=read_id(space),
        topic_names=topics,
    )
    near = [hit.question.id for hit in (*found.hits, *found.related)]
    return Suggestions(
        make_cards(found.hits, key=key),
        suggest_topics(db.session(), near),
        is_ready=True,
        by_words_only=found.by_words_only,
    )


@pages.get("/ask/similar")
@open_to(Audience.MEMBERS)
def similar() -> ResponseReturnValue:
    """Answer each pause in typing, with the region below the title."""
    key = request.args.get("look_up") or new_key()
    title, body, space = (request.args.get(name, "") for name in ("title", "body", "space"))
    found = suggest(title, body, key=key, space=space)
    dismissed = {i for i in map(read_id, request.args.getlist("dismissed")) if i is not None}
    return show(
        "questions/_similar.html", found=found, look_up=key, dismissed=dismissed, is_fragment=True
    )
