"""The inbox: what a member was told. Reading the page marks nothing; a button does."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.paging import read_cursor, read_id
from peerqa.services import notifications
from peerqa.services.asking import masks
from peerqa.services.notifying.kinds import KINDS, kind_of
from peerqa.web.pages import me, pages, see, show


@pages.get("/notifications")
@open_to(Audience.MEMBERS)
def list_notifications() -> ResponseReturnValue:
    """Show what is new, all of it or of one kind."""
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    only_unread = request.args.get("show") == "unread"
    listed = notifications.list_notifications(
        db.session(),
        me(),
        kind=kind or None,
        only_unread=only_unread,
        after=read_cursor(request.args.get("after")),
    )
    is_first = not (kind or request.args.get("after"))
    return show(
        "notifications/inbox.html",
        listed=listed,
        masked=masks.list_own(db.session(), me(), only_news=True) if is_first else [],
        kinds=KINDS,
        kind_of=kind_of,
        chosen_kind=kind,
        only_unread=only_unread,
    )


@pages.post("/notifications/read")
@open_to(Audience.MEMBERS)
def mark_read() -> ResponseReturnValue:
    """Mark everything as read, or what is about one question."""
    question = request.form.get("question")
    question_id = read_id(question)
    if question is not None and question_id is None:
        raise Invalid(N_("This button said nothing. Reload the page and try again."))
    with transaction() as session:
        notifications.mark_read(session, me(), at=utc_now(), question_id=question_id)
    return see("list_notifications", said="read" if question_id is None else None)
