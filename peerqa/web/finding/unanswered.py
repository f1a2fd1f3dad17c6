"""What nobody knows yet, for whoever may know it."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db, one_line
from peerqa.gate import Audience, open_to
from peerqa.paging import Page, read_cursor
from peerqa.services.finding.filters import read_filters
from peerqa.services.finding.operators import MOST_VALUE, Term
from peerqa.services.finding.unanswered import list_unanswered
from peerqa.web.pages import me, pages, show


@pages.get("/unanswered")
@open_to(Audience.MEMBERS)
def show_unanswered() -> ResponseReturnValue:
    """Show the questions without an answer, of a space or on a topic; the oldest first."""
    typed = {key: one_line(request.args.get(key, ""))[:MOST_VALUE] for key in ("topic", "space")}
    terms = [Term(key, value) for key, value in typed.items() if value]
    session = db.session()
    filters = read_filters(session, me(), terms, with_spaces=True)
    after = read_cursor(request.args.get("after"))
    is_possible = not filters.refused
    return show(
        "finding/unanswered.html",
        listed=list_unanswered(session, filters, after=after) if is_possible else Page([], None),
        typed=typed,
        refused=filters.refused,
        spaces=filters.spaces,
    )
