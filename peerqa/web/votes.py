"""Votes: “I have this too” and “helped me too”, buttons that set a value, so twice is once."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.permissions import question_of
from peerqa.services import comments, votes
from peerqa.services.answering.stand_in import stand_in
from peerqa.web.pages import is_htmx, me, pages, see_post, show


@pages.post("/posts/<id:post_id>/vote")
@open_to(Audience.MEMBERS)
def vote(post_id: int) -> ResponseReturnValue:
    """Say or take back that one has this too, or was helped too."""
    wanted = read_wanted()
    with transaction() as session:
        post = stand_in(session, comments.get_post(session, me(), post_id), me())
        votes.set_vote(session, post=post, by=me(), wanted=wanted, at=utc_now())
    if is_htmx():
        voted = votes.list_own_votes(db.session(), me(), [post.id])
        return show("posts/_vote.html", post=post, voted=voted)
    return see_post(question_of(post).id, post.id)


def read_wanted() -> bool:
    """Read the value that a pressed button sets.

    Raises:
        Invalid: it is neither 0 nor 1.
    """
    wanted = request.form.get("wanted")
    if wanted not in {"0", "1"}:
        raise Invalid(N_("This button said nothing. Reload the page and try again."))
    return wanted == "1"
