"""The gate in front of every page and endpoint: who asks, may they enter, is the request theirs.

Endpoints are closed: each view declares whom it is open to, and the app does not start when one
does not. What a person may do to a thing inside is decided by permissions.may(), in the services.

A cross-site request is refused twice: by the browser's own word (Sec-Fetch-Site, or Origin), and by
a token that is derived from the member and the browser. Programs with a bearer token send neither.

In the frame of an LMS the sign-in is a partitioned cookie: another site's frames never get it, and
it is there when third-party cookies are blocked.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypedDict, TypeVar

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from peerqa import identity, tokens
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.errors import N_, NotAllowed, NotSignedIn
from peerqa.outgoing import Client
from peerqa.permissions import may
from peerqa.secrets import InstanceKey, is_same
from peerqa.services.asking import masks
from peerqa.services.moderating import kept_out, limits, suspensions
from peerqa.services.preferences import Preferences, read_preferences
from peerqa.settings import Settings

COOKIE = "peerqa_sign_in"  # over plain http
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
View = TypeVar("View", bound=Callable[..., object])
FramedBy = Callable[[int], Sequence[str]]  # organization id → origins of its LMSs


class Audience(StrEnum):
    """Whom a view is open to."""

    MACHINES = "machines"  # probes: nobody is identified, so that they work without the database
    EVERYONE = "everyone"
    MEMBERS = "members"
    ADMINS = "admins"


class CookieKind(TypedDict):
    """How a cookie is set; it is deleted only by the same."""

    secure: bool
    samesite: str
    partitioned: bool


class ForeignRequest(NotAllowed):
    """The request does not come from a page of this person's sign-in."""

    code = "foreign-request"


class StalePage(ForeignRequest):
    """The page was made for an earlier sign-in of the same browser."""

    code = "stale-page"


def open_to(audience: Audience) -> Callable[[View], View]:
    """Declare whom a view is open to; the outermost decorator but the route's."""

    def declare(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]  # read by the gate below
        return view

    return declare


def install(app: Flask) -> None:
    """Put the gate in front of the app."""
    app.before_request(_pass)
    app.after_request(_harden)


def undeclared_endpoints(app: Flask) -> list[str]:
    """Return the endpoints that do not say whom they are open to."""
    return sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if not is_static(endpoint) and not hasattr(view, "audience")
    )


def is_static(endpoint: str | None) -> bool:
    """Whether these are files that come with the program, the app's or a front door's."""
    return endpoint is not None and endpoint.rpartition(".")[2] == "static"


def settings() -> Settings:
    """Return the settings of the running app."""
    found = current_app.extensions["peerqa.settings"]
    assert isinstance(found, Settings)
    return found


def instance_key() -> InstanceKey:
    """Return the instance key of the running app."""
    found = current_app.extensions["peerqa.key"]
    assert isinstance(found, InstanceKey)
    return found


def count(session: Session, act: str, who: object = None) -> None:
    """Count an act of who is asking, in its transaction; PEERQA_{act}_PER_HOUR says how many."""
    most = getattr(settings(), f"{act}_per_hour")
    limits.take(session, instance_key(), act, who or g.member.id, most=most, at=utc_now())


def outgoing() -> Client:
    """Return what the running app sends requests to other servers with."""
    found: Client = current_app.extensions["peerqa.outgoing"]  # tests put their own there
    return found


def csrf_token() -> str:
    """Return the token that forms of this person carry; empty when nobody is signed in."""
    row = g.get("sign_in")
    if not row:
        return ""
    made: str | None = g.get("csrf_token")
    if made is None:  # a page with twenty forms asks twenty times
        made = g.csrf_token = identity.csrf_token(instance_key(), row)
    return made


def read_cookie() -> str | None:
    """Return the sign-in that the browser shows."""
    return request.cookies.get(_cookie_name())


def _cookie_name() -> str:
    """By https no neighbour under the same domain can set the cookie: __Host- (RFC 6265bis)."""
    return f"__Host-{COOKIE}" if settings().address.startswith("https://") else COOKIE


def set_cookie(response: Response, token: str) -> None:
    """Give the browser its sign-in."""
    lasts = settings().sign_in_days * 86400
    response.set_cookie(_cookie_name(), token, max_age=lasts, httponly=True, **_cookie_kind())


def delete_cookie(response: Response) -> None:
    """Take the sign-in out of the browser."""
    response.delete_cookie(_cookie_name(), httponly=True, **_cookie_kind())


def _cookie_kind() -> CookieKind:
    """Partitioned cookies must be secure; over plain http, Safari takes no secure ones."""
    is_framed = request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}
    if is_framed or request.is_secure or settings().address.startswith("https://"):
        return CookieKind(secure=True, samesite="None", partitioned=True)
    return CookieKind(secure=False, samesite="Lax", partitioned=False)


def takes_foreign_posts(view: View) -> View:
    """Declare that other sites post to a view; it must not trust the cookie of who is signed in."""
    view.takes_foreign_posts = True  # type: ignore[attr-defined]  # read by the gate below
    return view


def carries_proof(view: View) -> View:
    """Declare that a form proves by a one-time token of its own that its page is ours.

    A tab may show another person's sign-in than the frame that opened it.
    """
    view.carries_proof = True  # type: ignore[attr-defined]  # read by the gate below
    return view


def own_path(wanted: str) -> str | None:
    """Return the path if it is one of ours, and no other site's address."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and wanted.isprintable()
    return wanted if is_ours and "\\" not in wanted else None


def allow_framing_by_anyone() -> None:
    """Let any site frame this reply; for pages on which a click that was lured does no harm."""
    g.framed_by = ("*",)


def allow_framing_by_lms_of(organization_id: int) -> None:
    """Let the LMSs of an organization frame this reply, before anybody is signed in."""
    g.framed_by = _lms_of(organization_id)


def allow_forms_to(*sources: str) -> None:
    """Let the forms of this reply be sent there too; sources as in a Content-Security-Policy."""
    g.forms_to = sources


def _pass() -> None:
    g.member = g.sign_in = g.csrf_token = g.framed_by = g.forms_to = None
    g.preferences = Preferences()
    g.leaves_no_trace = False
    view = current_app.view_functions.get(request.endpoint or "")
    audience = getattr(view, "audience", Audience.EVERYONE)
    most = getattr(view, "max_bytes", None)
    if most is not None and request.mimetype == "multipart/form-data":
        request.max_content_length = most  # before anything of the body is read
    if is_static(request.endpoint) or audience is Audience.MACHINES:
        return
    _identify()
    if request.method not in SAFE_METHODS and not getattr(view, "takes_foreign_posts", False):
        _check_origin(view)
    if audience is Audience.EVERYONE:
        return
    _refuse_suspended()
    if g.member is None:
        raise NotSignedIn(N_("Please sign in to go on."))
    if audience is Audience.ADMINS and not may(g.member, "administer", g.member.organization):
        raise NotAllowed(N_("Only admins can open this page."))


def _refuse_suspended() -> None:
    """Let a suspended member read why, also in the frame of their LMS, and do nothing else."""
    member = g.member
    if member is None or not kept_out.is_suspended(member, at=utc_now()):
        return
    if not request.path.startswith("/api/"):
        allow_framing_by_lms_of(member.organization_id)
        g.member = None  # the page is drawn as for somebody who is not signed in
    suspensions.refuse_suspended(member, at=utc_now())


def _identify() -> None:
    now = utc_now()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token and request.path.startswith("/api/"):
        g.member = tokens.find_member_by_token(db.session(), token.strip(), at=now)
    elif not request.path.startswith("/api/") and (cookie := read_cookie()):
        row = identity.find_sign_in(db.session(), cookie, at=now, days=settings().sign_in_days)
        if row is not None:
            g.sign_in, g.member = row, row.member
    if g.member is not None:
        masks.wear(g.member, instance_key())
        g.preferences = read_preferences(g.member)  # now: a page about a failure asks no rows


def _check_origin(view: object) -> None:
    """Refuse what another site made the browser send, or another person's stale page.

    A form that is only shown again (web/resume.py) writes nothing and needs no token.

    Raises:
        ForeignRequest: with a sentence that says how to go on.
    """
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"} or (
        origin is not None and origin not in {request.host_url.rstrip("/"), settings().address}
    ):
        raise ForeignRequest(N_("This came from another site, so nothing was done."))
    if g.sign_in is None or getattr(view, "carries_proof", False):
        return
    if getattr(view, "keeps_text", False) and request.args.get("resume") == "1":
        return
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not is_same(sent, csrf_token()):
        raise StalePage(N_("This page belongs to an earlier sign-in. Reload it and try again."))


def _harden(response: Response) -> Response:
    framed_by = " ".join(_framed_by(response))
    forms_to = " ".join(("'self'", *(g.get("forms_to") or ())))
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; frame-ancestors {framed_by}; form-action {forms_to}; "
        "base-uri 'none'; object-src 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if not is_static(request.endpoint):
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _framed_by(response: Response) -> Sequence[str]:
    """Return who may frame the reply: the LMSs of the member's organization.

    Who is not signed in belongs to none; that a sign-in has ended must be readable in any frame.
    """
    if chosen := g.get("framed_by"):
        return tuple(chosen)
    member = g.get("member")
    if member is None:
        return ("*",) if response.status_code == NotSignedIn.status else ("'self'",)
    return _lms_of(member.organization_id)


def _lms_of(organization_id: int) -> Sequence[str]:
    find: FramedBy | None = current_app.extensions.get("peerqa.framed_by")
    return ("'self'", *find(organization_id)) if find is not None else ("'self'",)
