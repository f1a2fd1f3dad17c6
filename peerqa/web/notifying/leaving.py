"""Leaving mail from a link in it (RFC 8058): opening it changes nothing, a POST leaves at once.

Mail programs post by themselves, from anywhere and without a sign-in, so these posts are taken from
other sites. The sealed token in the address is the right to it; the cookie is not looked at.
"""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import Audience, instance_key, open_to, takes_foreign_posts
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.services.notifying import leaving
from peerqa.services.notifying.kinds import KINDS
from peerqa.services.notifying.leaving import Leave
from peerqa.web.pages import pages, show


@pages.get("/leave/<token>")
@open_to(Audience.EVERYONE)
def show_leave(token: str) -> ResponseReturnValue:
    """Ask for the click that leaves."""
    leave = leaving.read_token(instance_key(), token, at=utc_now())
    return _show(token, leave, state="asked")


@pages.post("/leave/<token>")
@open_to(Audience.EVERYONE)
@takes_foreign_posts
def leave_mail(token: str) -> ResponseReturnValue:
    """Leave, or come back; without a redirect, as mail programs want it."""
    now = utc_now()
    leave = leaving.read_token(instance_key(), token, at=now)
    comes_back = request.form.get("again") == "1"
    all_mail = Leave(leave.member_id, (), Stopped.ALL)
    with transaction() as session:
        if comes_back:
            leaving.come_back(session, leave, at=now)
            leaving.come_back(session, all_mail, at=now)
        else:
            wanted = all_mail if request.form.get("all") == "1" else leave
            leaving.leave(session, wanted, at=now)
    return _show(token, leave, state="back" if comes_back else "left")


def _show(token: str, leave: Leave, *, state: str) -> ResponseReturnValue:
    labels = [gettext(KINDS[kind].label) for kind in leave.kinds]
    return show("notifications/leave.html", token=token, labels=labels, state=state)
