"""The first page of admins: a menu. Front doors register their entries with the app."""

from collections.abc import Sequence

from flask import current_app
from flask.typing import ResponseReturnValue

from peerqa.gate import Audience, open_to
from peerqa.web.pages import pages, show

Entry = tuple[str, str, str]  # endpoint, label, and what it is for; untranslated


@pages.get("/admin")
@open_to(Audience.ADMINS)
def admin() -> ResponseReturnValue:
    """List what admins can look after."""
    entries: Sequence[Entry] = current_app.extensions.get("peerqa.admin_menu", ())
    return show("admin/admin.html", entries=entries)
