"""Asking the steward of a copied course which board it shall have: the older one, or its own."""

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti.pages import lti
from lti.placing import copies, placements
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to


@lti.get("/lti/copies/<id:context_id>")
@open_to(Audience.MEMBERS)
def show_copy(context_id: int) -> ResponseReturnValue:
    """Say what the course was copied from, and what each choice means."""
    session = db.session()
    context = copies.get_copy(session, g.member, context_id)
    origin = copies.get_origin(session, context)
    return render_template(
        "lti/copy.html",
        context=context,
        origin=origin,
        may_share=copies.may_share(session, g.member, context),
        is_known=copies.may_know_origin(session, g.member, context),
        is_decided=context.copy_decided_at is not None or origin.space_id == context.space_id,
        link=request.args.get("link", "")[:64],
    )


@lti.post("/lti/copies/<id:context_id>")
@open_to(Audience.MEMBERS)
def decide_copy(context_id: int) -> ResponseReturnValue:
    """Carry out the choice, and go where the link leads."""
    choice = request.form.get("board", "")
    with transaction() as session:
        context = copies.get_copy(session, g.member, context_id)
        if choice == "same":
            copies.share_board(session, context=context, by=g.member, at=utc_now())
        elif choice == "fresh":
            copies.keep_fresh(session, context=context, by=g.member, at=utc_now())
        elif choice != "later":
            raise Invalid(N_("Choose one of the boards."), field="board")
    session = db.session()
    link = request.form.get("link", "")
    placement = placements.find_by_key(session, g.member.organization_id, link)
    if placement is not None:
        return redirect(placements.path_of(session, placement, g.member, context), 303)
    return redirect(url_for("pages.show_space", space_id=context.space_id), 303)
