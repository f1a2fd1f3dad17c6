"""Deciding about posts: the queue, and the page of one post for who decides and for its author."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Invalid, NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Space
from peerqa.paging import read_id
from peerqa.permissions import may, question_of
from peerqa.services import spaces
from peerqa.services.moderating import queue, rulings
from peerqa.services.moderating.flags import REASONS
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text


@pages.get("/moderation")
@open_to(Audience.MEMBERS)
def show_queue() -> ResponseReturnValue:
    """Show what waits for a decision where the reader moderates."""
    queue.refuse_others(me())
    session, space = db.session(), _read_space()
    after = read_id(request.args.get("after")) or 0
    flagged, next_flag = queue.list_flagged(session, me(), space=space, after=after)
    return show(
        "moderating/queue.html",
        space=space,
        flagged=flagged,
        next_flag=next_flag,
        hidden=[] if after else queue.list_out_of_sight(session, me(), space=space),
        reasons=REASONS,
        is_first_page=not after,
    )


@pages.get("/posts/<id:post_id>/moderation")
@open_to(Audience.MEMBERS)
def show_moderation(post_id: int) -> ResponseReturnValue:
    """Show a post with what was decided about it: to who decides, and to who wrote it."""
    return _show(post_id)


@pages.post("/posts/<id:post_id>/moderation")
@open_to(Audience.MEMBERS)
@keeps_text(lambda post_id: _show(post_id))
def moderate(post_id: int) -> ResponseReturnValue:
    """Decide about a post."""
    act = request.form.get("act", "")
    try:
        with transaction() as session:
            post = rulings.get_post(session, me(), post_id)
            rulings.rule(
                session, post=post, act=act, by=me(), why=request.form.get("why", ""), at=utc_now()
            )
    except Invalid as refusal:
        return _show(post_id, refusal=refusal)
    return see("show_queue", said="dismissed" if act == "dismissed" else "ruled")


def lead_to_ruling(post_id: int, sentence: str) -> ResponseReturnValue:
    """Lead who may know of a hidden post to what was decided about it.

    Raises:
        NotFound: for everybody else it is as if it had never been; says the sentence.
    """
    try:
        rulings.get_post(db.session(), me(), post_id)
    except NotFound:
        raise NotFound(sentence, post=post_id) from None
    return redirect(url_for("pages.show_moderation", post_id=post_id), 302)


def _read_space() -> Space | None:
    wanted = read_id(request.args.get("space"))
    return None if wanted is None else spaces.get_space(db.session(), me(), wanted)


def _show(post_id: int, *, refusal: Invalid | None = None) -> ResponseReturnValue:
    session = db.session()
    post = rulings.get_post(session, me(), post_id)
    decides = may(me(), "moderate", post)
    sentence = gettext(refusal.sentence, **refusal.context) if refusal else ""
    question = question_of(post)
    return show(
        "moderating/decision.html",
        status=refusal.status if refusal else 200,
        post=post,
        question=question,
        decides=decides,
        names_thread=decides or post is question or may(me(), "see", question),
        queued=queue.flags_of(session, post, question) if decides else None,
        rulings=rulings.list_rulings(session, post, for_author=not decides),
        decisions=rulings.DECISIONS,
        choices=rulings.choices_for(session, post, by=me()) if decides else (),
        reasons=REASONS,
        why=request.form.get("why", ""),
        errors={refusal.field: [sentence]} if refusal else {},
    )
