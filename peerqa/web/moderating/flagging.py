"""Flagging a post: a page of its own, so that it works by keyboard, without scripts, on a phone."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Invalid
from peerqa.gate import Audience, count, open_to
from peerqa.permissions import question_of
from peerqa.services import comments
from peerqa.services.moderating import flags
from peerqa.web.pages import me, pages, see_post, show
from peerqa.web.resume import keeps_text


@pages.get("/posts/<id:post_id>/flag")
@open_to(Audience.MEMBERS)
def show_flag(post_id: int) -> ResponseReturnValue:
    """Show the reasons that there are."""
    return _show(post_id)


@pages.post("/posts/<id:post_id>/flag")
@open_to(Audience.MEMBERS)
@keeps_text(lambda post_id: _show(post_id))
def flag_post(post_id: int) -> ResponseReturnValue:
    """Put a post into the stewards' queue; a second time changes nothing."""
    try:
        with transaction() as session:
            count(session, "flags")
            post = comments.get_any_post(session, me(), post_id)
            flags.flag_post(
                session,
                post=post,
                by=me(),
                reason=request.form.get("reason", ""),
                note=request.form.get("note", ""),
                at=utc_now(),
            )
            question_id = question_of(post).id
    except Invalid as refusal:
        return _show(post_id, refusal=refusal)
    return see_post(question_id, post_id, said="flagged")


def _show(post_id: int, *, refusal: Invalid | None = None) -> ResponseReturnValue:
    post = comments.get_any_post(db.session(), me(), post_id)
    sentence = gettext(refusal.sentence, **refusal.context) if refusal else ""
    return show(
        "moderating/flag.html",
        status=refusal.status if refusal else 200,
        post=post,
        question=question_of(post),
        own=flags.find_flag(db.session(), post=post, by=me()),
        reasons=flags.REASONS,
        chosen=request.form.get("reason", ""),
        note=request.form.get("note", ""),
        errors={refusal.field: [sentence]} if refusal else {},
    )
