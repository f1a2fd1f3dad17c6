"""How an organization looks: the page of its admins, and what every page fetches.

No page may carry styles of its own, so the colours come as a style sheet, which a browser keeps:
its address changes with what it says. It and the logo are those of who asks; no address names an
organization.
"""

import hashlib

from flask import Flask, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.imaging import MAX_BYTES, MIME_TYPE, reencode
from peerqa.models import Organization
from peerqa.services.admin import appearance, colours
from peerqa.web.asking.pictures import takes_pictures
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

KEPT_BY_BROWSERS = "private, max-age=31536000, immutable"


def install(app: Flask) -> None:
    """Let templates ask for what the reader's organization has of its own."""
    app.add_template_global(own_style)
    app.add_template_global(own_logo)


def own_style() -> str:
    """Return where the colours of the reader's organization are; empty for ours."""
    organization = _organization()
    if organization is None or not (organization.accent or organization.accent_dark):
        return ""
    return url_for("pages.show_style", v=_digest(_style_of(organization)))


def own_logo() -> str:
    """Return where the logo of the reader's organization is; empty without one."""
    organization = _organization()
    if organization is None or organization.logo_digest is None:
        return ""
    return url_for("pages.show_logo", v=organization.logo_digest)


@pages.get("/admin/appearance")
@open_to(Audience.ADMINS)
def show_appearance() -> ResponseReturnValue:
    """Show name, colours and logo."""
    return _show()


@pages.post("/admin/appearance")
@open_to(Audience.ADMINS)
@keeps_text(lambda: _show())
def save_appearance() -> ResponseReturnValue:
    """Save name and colours; of a colour that was refused, the nearest may be taken."""
    form = request.form
    try:
        with transaction() as session:
            appearance.set_appearance(
                session,
                name=form.get("name", ""),
                accent=form.get("take-accent") or form.get("accent", ""),
                accent_dark=form.get("take-accent_dark") or form.get("accent_dark", ""),
                by=me(),
                at=utc_now(),
            )
    except Invalid as refusal:
        return _show(refusal)
    return see("show_appearance", said="edited")


@pages.post("/admin/appearance/logo")
@open_to(Audience.ADMINS)
@takes_pictures
def save_logo() -> ResponseReturnValue:
    """Take a logo, or take it away."""
    sent = request.files.get("logo")
    try:
        if request.form.get("remove") == "1":
            encoded = None
        elif sent is None or not sent.filename:
            raise Invalid(N_("Choose a picture first."), field="logo")
        else:
            data = sent.stream.read(MAX_BYTES + 1)
            encoded = reencode(data, longest_edge=appearance.LONGEST_EDGE)
        with transaction() as session:
            appearance.set_logo(session, encoded=encoded, by=me(), at=utc_now())
    except Invalid as refusal:
        refusal.field = "logo"
        return _show(refusal)
    return see("show_appearance", said="edited")


@pages.get("/appearance.css")
@open_to(Audience.MEMBERS)
def show_style() -> ResponseReturnValue:
    """Serve the colours of the reader's organization."""
    return _kept(Response(_style_of(me().organization), mimetype="text/css"))


@pages.get("/logo")
@open_to(Audience.MEMBERS)
def show_logo() -> ResponseReturnValue:
    """Serve the logo of the reader's organization."""
    response = Response(appearance.get_logo(db.session(), me()), mimetype=MIME_TYPE)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _kept(response)


def _kept(response: Response) -> Response:
    """Let the browser keep it under an address that changes with it; else it asks each time."""
    response.add_etag()
    has_version = "v" in request.args
    response.headers["Cache-Control"] = KEPT_BY_BROWSERS if has_version else "private, no-cache"
    response.headers["Vary"] = "Cookie"
    response.make_conditional(request)
    return response


def _style_of(organization: Organization) -> str:
    if not (organization.accent or organization.accent_dark):
        return ""
    ours = "#0b6b5d"  # as in static/peerqa.css
    return colours.style_sheet(organization.accent or ours, organization.accent_dark)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _organization() -> Organization | None:
    member = g.get("member")
    return member.organization if member else None


def _show(refusal: Invalid | None = None) -> ResponseReturnValue:
    organization, form = me().organization, request.form
    context = refusal.context if refusal else {}
    return show(
        "admin/appearance.html",
        status=refusal.status if refusal else 200,
        name=form.get("name", organization.shown_name),
        accent=form.get("accent", organization.accent or ""),
        accent_dark=form.get("accent_dark", organization.accent_dark or ""),
        light=colours.shades(organization.accent or "#0b6b5d", colours.LIGHT),
        dark=colours.shades(_dark_of(organization), colours.DARK),
        field=refusal.field if refusal else None,
        nearest=context.get("nearest"),
        error=gettext(refusal.sentence, **context) if refusal else "",
    )


def _dark_of(organization: Organization) -> str:
    if organization.accent_dark:
        return organization.accent_dark
    return colours.nearest(organization.accent, colours.DARK) if organization.accent else "#5fc9b5"
