"""The reader's saved searches: kept, listed, removed; nobody else sees them."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, open_to
from peerqa.services.finding import saved_searches
from peerqa.web.pages import me, pages, see, show


@pages.get("/searches")
@open_to(Audience.MEMBERS)
def list_searches() -> ResponseReturnValue:
    """Show what the reader keeps."""
    return show(
        "finding/searches.html",
        searches=saved_searches.list_searches(db.session(), me()),
        most=saved_searches.MOST_SAVED,
    )


@pages.post("/searches")
@open_to(Audience.MEMBERS)
def save_search() -> ResponseReturnValue:
    """Keep a search."""
    with transaction() as session:
        saved_searches.save_search(
            session,
            member=me(),
            query=request.form.get("q", ""),
            name=request.form.get("name", ""),
            at=utc_now(),
        )
    return see("list_searches", said="search-saved")


@pages.post("/searches/<id:search_id>/remove")
@open_to(Audience.MEMBERS)
def remove_search(search_id: int) -> ResponseReturnValue:
    """Forget a search."""
    with transaction() as session:
        saved_searches.remove_search(session, member=me(), search_id=search_id)
    return see("list_searches", said="search-removed")
