"""The page behind a printed sign-in link: one button, since a GET changes nothing."""

import ipaddress
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.demo.people import email_of, list_people
from peerqa.errors import N_, NotAllowed, NotFound
from peerqa.gate import Audience, open_to, settings

demo = Blueprint("demo", __name__)


class OtherName(NotAllowed):
    """The demo was asked for by a name that is not this machine's."""

    code = "other-name"
    status = 421


def refuse_other_names() -> None:
    """Answer to the names of this machine alone.

    A page of the internet whose name suddenly leads to 127.0.0.1 (DNS rebinding) could otherwise
    be anybody here.

    Raises:
        OtherName: the request is for another one.
    """
    name = urlsplit(f"//{request.host}").hostname or ""
    try:
        is_ours = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_ours = name in {"localhost", urlsplit(settings().address).hostname}
    if not is_ours:
        raise OtherName(N_("The demo answers on this machine alone: open it as localhost."))


@demo.get("/demo/<key>")
@open_to(Audience.EVERYONE)
def greet(key: str) -> ResponseReturnValue:
    """Offer to sign in as one of the demo people, as often as one likes."""
    for label, member in list_people(db.session()):
        if member.email == email_of(key):
            return render_template("demo/greet.html", label=label, member=member)
    raise NotFound(N_("There is nothing here, or it is not open to you."))
