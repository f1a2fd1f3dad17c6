"""Search: one box, meaning and words together."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db, one_line
from peerqa.gate import Audience, open_to
from peerqa.paging import read_id
from peerqa.search.hits import Results, reader_of
from peerqa.web.pages import me, pages, show
from peerqa.web.shown_hits import make_cards, new_key
from peerqa.web.similar import engine

LONGEST_QUERY = 300
LAST_START = 10_000


@pages.get("/search")
@open_to(Audience.MEMBERS)
def search() -> ResponseReturnValue:
    """Show everything near what was typed."""
    query = one_line(request.args.get("q", ""))[:LONGEST_QUERY]
    start = min(read_id(request.args.get("start")) or 0, LAST_START)
    key = new_key()
    found = Results([], None, by_words_only=False)
    if query:
        found = engine().search(db.session(), reader_of(me()), query=query, start=start)
    return show(
        "search/results.html",
        query=query,
        start=start,
        found=found,
        cards=make_cards(found.hits, key=key),
        look_up=key,
    )
