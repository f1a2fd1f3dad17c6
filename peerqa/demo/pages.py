"""The page behind a printed sign-in link: one button, since a GET changes nothing."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.demo.people import email_of, list_people
from peerqa.errors import N_, NotFound
from peerqa.gate import Audience, open_to

demo = Blueprint("demo", __name__)


@demo.get("/demo/<key>")
@open_to(Audience.EVERYONE)
def greet(key: str) -> ResponseReturnValue:
    """Offer to sign in as one of the demo people, as often as one likes."""
    for label, member in list_people(db.session()):
        if member.email == email_of(key):
            return render_template("demo/greet.html", label=label, member=member)
    raise NotFound(N_("There is nothing here, or it is not open to you."))
