"""Language, time zone and shortcuts: one's own, and what holds for who has not chosen."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import Invalid
from peerqa.gate import Audience, open_to
from peerqa.languages import LANGUAGES
from peerqa.services import preferences
from peerqa.services.notifying.local_time import list_zones
from peerqa.web.pages import me, pages, see, show


@pages.get("/preferences")
@open_to(Audience.MEMBERS)
def show_preferences() -> ResponseReturnValue:
    """Show what one has chosen."""
    member = me()
    return _show(member.language, member.time_zone, has_shortcuts=member.has_shortcuts)


@pages.post("/preferences")
@open_to(Audience.MEMBERS)
def save_preferences() -> ResponseReturnValue:
    """Save what one chooses."""
    language, zone = _typed("language"), _typed("zone")
    has_shortcuts = request.form.get("has_shortcuts") == "1"
    try:
        with transaction() as session:
            preferences.save_preferences(
                session, member=me(), language=language, zone=zone, has_shortcuts=has_shortcuts,
                at=utc_now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _show(language, zone, has_shortcuts=has_shortcuts, refusal=refusal)
    return see("show_preferences", said="preferences-saved")


@pages.get("/admin/language")
@open_to(Audience.ADMINS)
def show_defaults() -> ResponseReturnValue:
    """Show what holds for members who chose nothing."""
    organization = me().organization
    return _show(organization.screen_language, organization.time_zone, for_all=True)


@pages.post("/admin/language")
@open_to(Audience.ADMINS)
def save_defaults() -> ResponseReturnValue:
    """Save what holds for members who chose nothing."""
    language, zone = _typed("language"), _typed("zone")
    try:
        with transaction() as session:
            preferences.save_defaults(session, by=me(), language=language, zone=zone, at=utc_now())
    except Invalid as refusal:
        return _show(language, zone, for_all=True, refusal=refusal)
    return see("show_defaults", said="preferences-saved")


def _typed(name: str) -> str:
    return request.form.get(name, "")[:100]


def _show(
    language: str | None,
    zone: str | None,
    *,
    for_all: bool = False,
    has_shortcuts: bool = True,
    refusal: Invalid | None = None,
) -> ResponseReturnValue:
    return show(
        "members/preferences.html",
        status=refusal.status if refusal else 200,
        for_all=for_all,
        chosen_language=language or "",  # "language" is the page's own
        chosen_zone=zone or "",
        has_shortcuts=has_shortcuts,
        languages=LANGUAGES,
        zones=list_zones(),
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
