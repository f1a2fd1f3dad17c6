"""The app of the LMS, and the gate in front of its pages."""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, render_template, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.http import http_date

from peerqa.demo.lms import (
    admin_pages,
    course_pages,
    deep_linking,
    launches,
    line_items,
    registering,
    roster,
    scores,
    switch_pages,
    tokens,
)  # fmt: skip
from peerqa.demo.lms.config import LmsConfig
from peerqa.demo.lms.here import current_lms, find_person, session_key
from peerqa.demo.lms.platform import Lms
from peerqa.demo.lms.tokens import Stumbled
from peerqa.demo.lms.web import Refused, empty, reply_json

LARGEST_REQUEST_BYTES = 1_000_000
SAFE = {"GET", "HEAD", "OPTIONS"}


def create_lms(config: LmsConfig) -> Flask:
    """Put the LMS together; `app.extensions["lms"]` is its Lms."""
    app = Flask(__name__)
    app.extensions["lms"] = lms = Lms(config)
    app.secret_key = session_key(config.home)
    app.session_interface = Sessions()
    app.config["SESSION_COOKIE_NAME"] = "northwind_academy"
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_BYTES
    for part in (launches, deep_linking, tokens, roster, line_items, scores, registering):
        app.register_blueprint(part.routes, url_prefix="/lti")
    for part in (course_pages, switch_pages, admin_pages):
        app.register_blueprint(part.routes)
    app.before_request(_pass)
    app.after_request(_finish)
    app.register_error_handler(Refused, _refuse)
    app.jinja_env.globals["lms"] = lms
    return app


class Sessions(SecureCookieSessionInterface):
    """The log-in of a real LMS is there in frames too: SameSite=None, which must be Secure.

    Browsers take Secure cookies over http from the loopback; Safari does not, and sends cookies
    that say nothing of sites everywhere.
    """

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - as Flask has it
        """Return whether this browser takes Secure cookies here."""
        return not _is_safari(request)

    def get_cookie_samesite(self, app: Flask) -> str | None:  # noqa: ARG002 - as Flask has it
        """Return None where Secure cannot be said."""
        return None if _is_safari(request) else "None"


def _is_safari(asking: Request) -> bool:
    agent = asking.headers.get("User-Agent", "")
    return "Safari/" in agent and "Chrome/" not in agent and "Chromium/" not in agent


def _pass() -> Response | None:
    """Answer to our own name alone, and take forms from our own pages alone."""
    lms = current_lms()
    if request.host != urlsplit(lms.config.address).netloc:
        abort(421)  # another name that leads here: DNS rebinding
    g.person = find_person(lms)
    if request.path.startswith("/lti/"):
        return None
    origin = request.headers.get("Origin")
    if request.method not in SAFE and origin not in {None, lms.config.address}:
        abort(403)
    if g.person is None and request.endpoint not in {"courses.home", "courses.log_in", "static"}:
        return Response(render_template("log_in.html"), 401)
    return None


def _finish(response: Response) -> Response:
    lms = current_lms()
    if request.method not in SAFE:
        lms.save()
    response.headers["Date"] = http_date(lms.now())
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; frame-src http: https:; frame-ancestors 'self'; base-uri 'none'; "
        "object-src 'none'; img-src 'self' data:",
    )
    return response


def _refuse(refused: Refused) -> Response:
    """Say it to programs as OAuth 2.0 does, with nothing where platforms say nothing."""
    current_lms().note(f"{request.method} {request.path}", f"{refused.status}: {refused.sentence}")
    if refused.code == "":
        response = empty(refused.status)
        if isinstance(refused, Stumbled) and refused.retry_after is not None:
            response.headers["Retry-After"] = str(refused.retry_after)
        return response
    if request.accept_mimetypes.accept_html and request.method == "GET":
        page = render_template("refused.html", refused=refused)
        return Response(page, refused.status)
    body = {"error": refused.code, "error_description": refused.sentence}
    return reply_json(body, status=refused.status)
