"""The first page of admins: a menu. Front doors register their entries with the app.

Each admin page begins with the way back to it, and to the pages of the same group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import current_app
from flask.typing import ResponseReturnValue

from peerqa.errors import N_
from peerqa.gate import Audience, open_to
from peerqa.web.pages import pages, show

Entry = tuple[str, str, str]  # endpoint, label, and what it is for; untranslated

PEOPLE, CONTENT, SETTINGS = N_("People"), N_("Questions and answers"), N_("Settings")
_GROUPS = {
    "pages.list_people": PEOPLE,
    "lti.list_lms": PEOPLE,
    "pages.show_defaults": SETTINGS,
    "pages.show_settings": SETTINGS,
    "pages.show_appearance": SETTINGS,
    "pages.show_retention": SETTINGS,
    "pages.list_legal": SETTINGS,
    "pages.show_mail_test": SETTINGS,
}


@dataclass(frozen=True)
class Group:
    """Entries that belong together, in the order in which the doors named them."""

    label: str
    entries: Sequence[Entry]


@pages.get("/admin")
@open_to(Audience.ADMINS)
def admin() -> ResponseReturnValue:
    """List what admins can look after."""
    return show("admin/admin.html", groups=list(_list_groups()))


@pages.app_template_global()
def admin_group(endpoint: str) -> Group:
    """Return the group that the entry is in."""
    return next(
        group for group in _list_groups() if endpoint in {entry[0] for entry in group.entries}
    )


def _list_groups() -> Iterator[Group]:
    entries: Sequence[Entry] = current_app.extensions.get("peerqa.admin_menu", ())
    for label in (PEOPLE, CONTENT, SETTINGS):
        found = [entry for entry in entries if _GROUPS.get(entry[0], CONTENT) == label]
        if found:
            yield Group(label, found)
