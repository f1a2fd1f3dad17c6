"""After a good launch: signed in, sent on by a GET, and one look whether the cookie came back.

LTI Core 1.3 says nothing of browsers; they may lose a cookie in a frame. So a launch answers
with a redirect to /lti/arrived/<token>. Where the cookie comes along, that goes on to the page;
else a button opens PeerQA in a tab of its own with the same token, which works once, for a
minute. No address signs anybody in: the token is used by a POST alone.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import (
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti.grading import grades
from lti.launching import launch_log, login, refusals
from lti.launching.envelope import Opened
from lti.launching.framing import FramedBy
from lti.launching.launch import Launch, Message
from lti.launching.launch_log import Attempt
from lti.models import Deployment, Platform
from lti.pages import lti
from lti.people.enrolment import Enrolled, enrol
from lti.placing import picking, placements
from peerqa import identity
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_
from peerqa.gate import (
    Audience,
    allow_framing_by_anyone,
    allow_framing_by_lms_of,
    delete_cookie,
    open_to,
    own_path,
    read_cookie,
    set_cookie,
    settings,
)
from peerqa.models import Member

BROWSER_COOKIE = "peerqa_browser"  # joins the launches of one browser, before anybody signed in


class VisitOver(refusals.LaunchRefused):
    """The page between a launch and PeerQA was opened too late."""

    code = "visit-over"
    status = 410
    says = N_("This page worked once. Go back to the course and open PeerQA again.")
    remedy = N_("Nothing to do.")


@dataclass(frozen=True)
class Entered:
    """What the browser gets: its sign-in, and the token of its arrival."""

    sign_in_token: str
    arrival_token: str
    path: str


def arrive(opened: Opened, deployment: Deployment, attempt: Attempt, *, at: datetime) -> Response:
    """Consume the login, bring the person in and send the browser on; all or nothing.

    Raises:
        StateUsed: another launch of this login was first.
        MemberClosed: an admin made them inactive.
    """
    launch, login_id = opened.launch, opened.login.id
    platform_id, deployment_id = opened.platform.id, deployment.id
    with transaction() as session:
        login.consume(session, login_id, at=at)
        if launch.subject is None:
            launch_log.record(session, attempt, code=launch_log.ANONYMOUS, at=at)
            _end_sign_in(session, at=at)
            entered = None
        else:
            platform = session.get_one(Platform, platform_id)
            deployment = session.get_one(Deployment, deployment_id)
            enrolled = enrol(session, launch, platform, deployment, at=at)
            entered = _enter(session, launch, enrolled, deployment, at=at)
            attempt.member_id = enrolled.member.id
            launch_log.record(session, attempt, at=at)
    if entered is None:
        return _show_anonymous()
    framed_by: FramedBy = current_app.extensions["peerqa.framed_by"]
    framed_by.forget(attempt.organization_id or 0)
    address = url_for("lti.arrived", token=entered.arrival_token, next=entered.path)
    response = make_response(redirect(address, 303))
    set_cookie(response, entered.sign_in_token)
    return response


def _enter(
    session: Session, launch: Launch, enrolled: Enrolled, deployment: Deployment, *, at: datetime
) -> Entered:
    member = enrolled.member
    path = _find_path(session, launch, enrolled, deployment, at=at)
    return Entered(
        sign_in_token=_sign_in(session, member, at=at),
        arrival_token=identity.make_link(session, member, at=at, minutes=1),
        path=path,
    )


def _find_path(
    session: Session, launch: Launch, enrolled: Enrolled, deployment: Deployment, *, at: datetime
) -> str:
    """Return where the launch leads: what was placed, the picker, or somebody's contributions."""
    if launch.message is Message.DEEP_LINKING:
        return picking.begin(session, launch, enrolled, deployment, at=at)
    if launch.message is Message.SUBMISSION_REVIEW:
        reviewed = grades.find_reviewed(session, launch, deployment.platform, enrolled.context)
        if reviewed is not None:
            return url_for("pages.show_member", member_id=reviewed.id)
    if launch.message is Message.RESOURCE:
        return placements.find_target(session, launch, enrolled.member, enrolled.context)
    if enrolled.space is not None:
        return url_for("pages.show_space", space_id=enrolled.space.id)
    return url_for("pages.home")


def _sign_in(session: Session, member: Member, *, at: datetime) -> str:
    """Keep and renew the member's own sign-in of this browser, or replace another's."""
    cookie = read_cookie() or ""
    before = identity.find_sign_in(session, cookie, at=at, days=settings().sign_in_days)
    if before is not None and before.member_id == member.id:
        identity.renew(session, before, at=at)
        return cookie
    browser = request.cookies.get(BROWSER_COOKIE)
    return identity.sign_in(session, member, at=at, before=before, browser=browser).token


def _end_sign_in(session: Session, *, at: datetime) -> None:
    """Leave nobody signed in: whoever was here before may be somebody else."""
    before = identity.find_sign_in(
        session, read_cookie() or "", at=at, days=settings().sign_in_days
    )
    if before is not None:
        identity.sign_out(session, before, at=at)


def _show_anonymous() -> Response:
    """Say what an anonymous launch can do here: read this page."""
    allow_framing_by_anyone()
    response = make_response(render_template("lti/anonymous.html"))
    delete_cookie(response)
    return response


@lti.get("/lti/arrived/<token>")
@open_to(Audience.EVERYONE)
def arrived(token: str) -> ResponseReturnValue:
    """Go on where the cookie came back; else offer a tab. Reload and back are harmless.

    Raises:
        VisitOver: nobody is signed in, and the token is old.
    """
    path = own_path(request.args.get("next", "")) or url_for("pages.home")
    at = utc_now()
    try:
        link = identity.find_link(db.session(), token, at=at)
    except identity.LinkExpired:
        if g.member is None:
            raise VisitOver from None
        return redirect(path, 303)
    if g.member is not None and link.member_id == g.member.id:
        return redirect(path, 303)  # the token ends by itself; a GET writes nothing
    allow_framing_by_lms_of(link.member.organization_id)  # its click signs in
    settled = url_for("lti.settled", next=path)
    response = make_response(render_template("lti/arrived.html", token=token, next=settled))
    if g.member is not None:  # another person's, which this launch has replaced
        delete_cookie(response)
    return response


@lti.get("/lti/settled")
@open_to(Audience.EVERYONE)
def settled() -> ResponseReturnValue:
    """Look once more, in the tab: without any cookie at all, one sentence says so."""
    if g.member is None:
        allow_framing_by_anyone()
        return render_template("lti/no_cookies.html")
    return redirect(own_path(request.args.get("next", "")) or url_for("pages.home"), 303)
