"""Signing in by one-time link, and out. A link is used by a button, since mail scanners open links.

The answer to "send me a link" is the same whether or not the address is known. In the demo, and
nowhere else, one click signs in as one of the people of the demo company.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from flask import Response, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from peerqa import identity, mail
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Busy, Invalid, NotFound
from peerqa.gate import (
    SAFE_METHODS,
    Audience,
    allow_framing_by_anyone,
    carries_proof,
    count,
    delete_cookie,
    open_to,
    own_path,
    read_cookie,
    set_cookie,
    settings,
)
from peerqa.models import Member
from peerqa.services.members import read_email
from peerqa.services.moderating.limits import TooMany
from peerqa.web.pages import pages, see, show


@dataclass(frozen=True)
class Choices:
    """The ways to sign in that this installation offers."""

    has_mail: bool
    demo_people: Sequence[tuple[str, Member]]


DemoPeople = Callable[[Session], Sequence[tuple[str, Member]]]

log = structlog.get_logger()


def sign_in_choices() -> Choices:
    """Return the ways to sign in."""
    return Choices(mail.is_configured(settings()), _demo_people())


@pages.get("/sign-in")
@open_to(Audience.EVERYONE)
def sign_in() -> ResponseReturnValue:
    """Show the ways to sign in."""
    if g.member is not None:
        return see("home")
    allow_framing_by_anyone()  # who signs out in a frame comes here
    return show("sign_in/sign_in.html", choices=sign_in_choices())


@pages.post("/sign-in")
@open_to(Audience.EVERYONE)
def ask_for_link() -> ResponseReturnValue:
    """Have a link mailed, and say the same to everybody."""
    typed = request.form.get("email", "")
    try:
        email = read_email(typed)
    except Invalid as refusal:
        return show(
            "sign_in/sign_in.html",
            status=422,
            email=typed[:200],
            error=gettext(refusal.sentence, **refusal.context),
            choices=sign_in_choices(),
        )
    if mail.is_configured(settings()):
        with suppress(TooMany), transaction() as session:  # a refusal would tell of the address
            if identity.ask_for_link(session, email, at=utc_now()):
                count(session, "links", email)
    return show("sign_in/sent.html", minutes=settings().link_minutes)


@pages.get("/sign-in/<token>")
@open_to(Audience.EVERYONE)
def show_link(token: str) -> ResponseReturnValue:
    """Ask for the click that uses the link."""
    link = identity.find_link(db.session(), token, at=utc_now())
    return show("sign_in/link.html", link=link, token=token)


@pages.post("/sign-in/<token>")
@open_to(Audience.EVERYONE)
@carries_proof
def use_link(token: str) -> ResponseReturnValue:
    """Use the link up; whoever was signed in here is replaced."""
    with transaction() as session:
        made = identity.use_link(session, token, at=utc_now(), before=g.sign_in)
    return _enter(made.token)


@pages.post("/sign-out")
@open_to(Audience.EVERYONE)
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser; harmless twice."""
    if g.sign_in is not None:
        with transaction() as session:
            identity.sign_out(session, g.sign_in, at=utc_now())
    response = see("sign_in", said="signed-out")
    delete_cookie(response)
    return response


@pages.post("/demo/sign-in/<id:member_id>")
@open_to(Audience.EVERYONE)
def enter_demo(member_id: int) -> ResponseReturnValue:
    """Sign in as one of the demo people; nobody else can be chosen, and only in the demo."""
    people = {member.id: member for _label, member in _demo_people()}
    if member_id not in people:
        raise NotFound(N_("There is nothing here, or it is not open to you."))
    with transaction() as session:
        made = identity.sign_in(session, people[member_id], at=utc_now())
    return _enter(made.token)


@pages.after_request
def _renew(response: Response) -> Response:
    """Let a sign-in that is used go on; beside a write, since reading writes nothing."""
    row = g.get("sign_in")
    if g.get("leaves_no_trace"):  # a question without a name: the next write will
        return response
    if row is None or request.method in SAFE_METHODS or response.status_code >= 400:
        return response
    try:
        if row.ended_at is None and identity.needs_renewal(row, at=utc_now()):
            with transaction() as session:
                identity.renew(session, row, at=utc_now())
            set_cookie(response, read_cookie() or "")
    except (Busy, OperationalError):
        log.info("sign-in.not-renewed")  # the next write will
    return response


def _demo_people() -> Sequence[tuple[str, Member]]:
    people: DemoPeople | None = current_app.extensions.get("peerqa.demo_people")
    return people(db.session()) if settings().demo and people is not None else []


def _enter(token: str) -> Response:
    response = make_response(redirect(_next_address(), 303))
    set_cookie(response, token)
    return response


def _next_address() -> str:
    """Return where to go after signing in: a path of ours, never another site."""
    return own_path(request.form.get("next", "")) or url_for("pages.home")
