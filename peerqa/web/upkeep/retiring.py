"""Retiring what was right once, and bringing it back."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Answer
from peerqa.permissions import question_of
from peerqa.services import comments
from peerqa.services.upkeep import retiring
from peerqa.web.pages import me, pages, see_post
from peerqa.web.upkeep.reviews import GONE, see_after


@pages.post("/posts/<id:post_id>/retire")
@open_to(Audience.MEMBERS)
def retire_post(post_id: int) -> ResponseReturnValue:
    """Retire an answer or a question, or bring it back."""
    now, wanted = utc_now(), request.form.get("wanted") != "0"
    with transaction() as session:
        try:
            post = comments.get_post(session, me(), post_id)
        except NotFound:
            raise NotFound(GONE, post=post_id) from None
        if wanted:
            why = request.form.get("why", "")
            retiring.retire_post(session, post=post, by=me(), why=why, at=now)
        else:
            retiring.bring_back(session, post=post, by=me(), at=now)
    said = "retired" if wanted else "unretired"
    if isinstance(post, Answer):
        return see_after(post, said)
    return see_post(question_of(post).id, post_id, said=said)
