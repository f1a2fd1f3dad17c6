"""Help: in the footer of every page, for everybody."""

from flask import g
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.gate import Audience, open_to
from peerqa.services import members
from peerqa.web.pages import pages, show


@pages.get("/help")
@open_to(Audience.EVERYONE)
def help_page() -> ResponseReturnValue:
    """Say how one finds, asks and answers, which keys there are, and who can help."""
    admins = members.list_admins(db.session(), g.member.organization_id) if g.member else []
    return show("help/help.html", admins=admins)
