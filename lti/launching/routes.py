"""/lti/login and /lti/launch: what platforms send browsers to.

Security Framework 1.0 section 5.1.1. Both are posted to from other sites and trust no cookie of who
is signed in. Whether a launch is of the browser that began it is asked of the login's own cookie
(Partitioned: it comes back in the frame that it was given in), else of the platform's storage
("LTI OIDC Login with LTI Client Side postMessages"), else of nobody: then the login is used up, and
begins anew in a tab of its own, where cookies are first-party.

What the storage says is checked by our own page, in the person's browser, and is believed only from
a request of that page. It stands for "this browser", never for "this person": that is the id_token.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from lti.connecting import registration
from lti.launching import arriving, envelope, launch_log, login, refusals
from lti.launching.envelope import Opened
from lti.launching.launch_log import Attempt
from lti.launching.login import Begun, Ground
from lti.models import Deployment, Platform
from lti.models.platform import DeploymentState
from lti.origins import origin_of
from lti.pages import lti
from lti.services import jwks
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Busy, PeerQAError
from peerqa.gate import (
    Audience,
    CookieKind,
    allow_framing_by_anyone,
    open_to,
    settings,
    takes_foreign_posts,
)
from peerqa.secrets import new_token

FROM_STORAGE = "storage"  # the value of the field "binding"
DAY_SECONDS = 86400
MOST_PENDING = 20  # login cookies of one browser


@lti.route("/lti/login", methods=["GET", "POST"])
@open_to(Audience.EVERYONE)
@takes_foreign_posts
def begin_login() -> ResponseReturnValue:
    """Begin a login, or begin one anew in a tab of its own (?again=<state>)."""
    allow_framing_by_anyone()
    attempt, at = Attempt(), utc_now()
    with _noting(attempt, at=at):
        sent, again = _read_sent(), request.args.get(login.AGAIN)
        with transaction() as session:
            if again is not None:
                row = login.find_living(session, again, at=at)
                row.used_at = row.used_at or at
                sent = dict(row.request)
            begun = login.begin(
                session,
                sent,
                ground=_ground(),
                attempt=attempt,
                is_again=again is not None,
                at=at,
            )
    return _send_on(begun)


@lti.post("/lti/launch")
@open_to(Audience.EVERYONE)
@takes_foreign_posts
def launch() -> ResponseReturnValue:
    """Take a launch: resource, deep linking or submission review; or the platform's error."""
    allow_framing_by_anyone()
    attempt, at = Attempt(), utc_now()
    with _noting(attempt, at=at):
        sent = _read_sent()
        state = sent.get("state", "")
        if error := sent.get("error"):
            envelope.refuse_message(db.session(), error=error, state=state, attempt=attempt)
        opened = envelope.open_envelope(
            db.session(),
            token=sent.get("id_token", ""),
            state=state,
            ground=_ground(),
            find_keys=lambda platform, kid: _find_keys(platform, kid, at=at),
            attempt=attempt,
            at=at,
        )
        deployment = _admit(opened, attempt, at=at)
        cookie = request.cookies.get(login.cookie_name(state))
        if not login.is_bound(opened.login, cookie) and not _is_from_storage(opened, sent):
            return _ask_browser(opened, sent, attempt, at=at)
        response = arriving.arrive(opened, deployment, attempt, at=at)
    response.delete_cookie(login.cookie_name(state), path="/lti", **_COOKIE)
    return response


@lti.errorhandler(refusals.LaunchRefused)
def show_refusal(refusal: refusals.LaunchRefused) -> ResponseReturnValue:
    """Say why, in any frame."""
    allow_framing_by_anyone()
    return make_response(render_template("lti/refused.html", refusal=refusal), refusal.status)


@contextmanager
def _noting(attempt: Attempt, *, at: datetime) -> Iterator[None]:
    """Put a refusal into the launch log, after all that was done has been undone."""
    try:
        yield
    except PeerQAError as refusal:  # of the core and of the picker too
        if isinstance(refusal, Busy):
            raise
        with transaction() as session:
            launch_log.record(session, attempt, refusal, at=at)
        raise


def _read_sent() -> dict[str, str]:
    """Return the parameters, of the address and of the form.

    Raises:
        TokenTooLarge: more was sent than is read.
    """
    try:
        return request.values.to_dict()
    except RequestEntityTooLarge:
        raise refusals.TokenTooLarge from None


def _find_keys(platform: Platform, kid: str, *, at: datetime) -> Sequence[RSAPublicKey]:
    try:
        return jwks.find_keys(platform, kid, at=at)
    except jwks.KeyUnknown:
        raise refusals.KeyUnknown from None
    except jwks.KeysUnavailable:
        raise refusals.KeysUnavailable from None


def _ground() -> Ground:
    ours = (origin_of(settings().address), origin_of(request.host_url))
    return Ground(settings().address, [origin for origin in ours if origin])


_COOKIE = CookieKind(secure=True, samesite="None", partitioned=True)


def _send_on(begun: Begun) -> Response:
    """Send the browser to the platform, with the cookie of this login."""
    if begun.storage_target is None:
        response = make_response(redirect(begun.address, 302 if request.method == "GET" else 303))
    else:
        response = make_response(render_template("lti/begin.html", begun=begun))
    name = login.cookie_name(begun.state)
    lasts = int(login.LASTS.total_seconds())
    response.set_cookie(name, begun.binding, max_age=lasts, path="/lti", httponly=True, **_COOKIE)
    if arriving.BROWSER_COOKIE not in request.cookies:
        browser = arriving.BROWSER_COOKIE
        response.set_cookie(
            browser, new_token(), max_age=DAY_SECONDS, path="/lti", httponly=True, **_COOKIE
        )
    pending = [name for name in request.cookies if name.startswith(login.COOKIE_PREFIX)]
    for old in pending[: max(0, len(pending) - MOST_PENDING)]:
        response.delete_cookie(old, path="/lti", **_COOKIE)
    return response


def _admit(opened: Opened, attempt: Attempt, *, at: datetime) -> Deployment:
    """Return the deployment, if people may come from there; an unknown one waits from now on.

    Raises:
        DeploymentWaiting, DeploymentRefused: they may not.
    """
    name = opened.launch.deployment_id
    deployment = registration.find_deployment(db.session(), opened.platform, name)
    if deployment is None:
        with transaction() as session:
            deployment = registration.add_deployment(
                session, platform=opened.platform, deployment_id=name, at=at
            )
    attempt.enter(deployment)
    if deployment.state == DeploymentState.WAITING:
        raise refusals.DeploymentWaiting
    if deployment.state != DeploymentState.APPROVED:
        raise refusals.DeploymentRefused
    return deployment


def _is_from_storage(opened: Opened, sent: Mapping[str, str]) -> bool:
    """Whether our own page has compared the login with what the platform's storage holds.

    Raises:
        ForeignBinding: another page says so.
    """
    if sent.get("binding") != FROM_STORAGE:
        return False
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
    is_ours = site == "same-origin" if site else origin_of(origin) in _ground().origins
    if not is_ours or opened.login.storage_target is None:
        raise refusals.ForeignBinding
    return True


def _ask_browser(
    opened: Opened, sent: Mapping[str, str], attempt: Attempt, *, at: datetime
) -> Response:
    """Let the platform's storage say whether this is the browser; else offer a tab of its own.

    Raises:
        NoCookies: it is that tab already.
    """
    row, state = opened.login, sent["state"]
    again = url_for("lti.begin_login", again=state)
    if row.request.get(login.AGAIN):
        raise refusals.NoCookies
    if row.storage_target is not None:
        origin = origin_of(opened.platform.authorization_url)
        page = render_template(
            "lti/prove.html", sent=sent, opened=opened, origin=origin, again=again
        )
        return make_response(page)
    with transaction() as session:
        login.consume(session, row.id, at=at)
        launch_log.record(session, attempt, refusals.TabNotBound(), at=at)
    page = render_template("lti/tab.html", again=again)
    return make_response(page, refusals.TabNotBound.status)
