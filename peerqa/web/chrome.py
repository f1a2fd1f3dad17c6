"""What every page has around its content, and how times, names and states are written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from flask import Flask, current_app, g
from flask_babel import format_date, format_datetime, format_percent, format_time, get_locale
from markupsafe import Markup

from peerqa import gate
from peerqa.database import db
from peerqa.models import Question, Space
from peerqa.permissions import Thing, may, wears_mask
from peerqa.services import notifications
from peerqa.services.notifying.local_time import zone_of
from peerqa.web import speech
from peerqa.web.said import said

SpaceLinks = Callable[[Space], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Frame:
    """What a page in a frame runs, and whom it may talk to."""

    script: str  # its address
    origins: str  # joined by spaces


def install(app: Flask) -> None:
    """Give the templates their filters and functions."""
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.add_template_filter(instant)
    app.add_template_filter(day)
    app.add_template_filter(initials)
    app.add_template_filter(format_percent, "percent")
    app.add_template_global(gate.csrf_token, "csrf_token")
    app.add_template_global(allowed)
    app.add_template_global(is_masked_here)
    app.context_processor(
        lambda: {
            "me": g.get("member"),
            "unread_count": _count_unread,
            "page_language": str(get_locale()).replace("_", "-"),
            "page_direction": getattr(get_locale(), "text_direction", "ltr"),
            "reader_zone": speech.preferences().zone,
            "has_shortcuts": bool(g.get("member")) and speech.preferences().has_shortcuts,
            "said": said,
            "frame": _frame,
            "profile_links": _profile_links,
            "space_links": _space_links,
        }
    )


def instant(at: datetime, *, exact: bool = False) -> Markup:
    """Write an instant by the reader's clock; where they chose no zone, base.js knows the device's.

    Args:
        exact: with the time of day; otherwise the style sheet adds it on focus.
    """
    return _instant(at, speech.zone(), str(get_locale()), exact=exact)


@lru_cache(maxsize=10_000)  # posts of a thread, and the same ones again and again
def _instant(at: datetime, zone: str, _language: str, *, exact: bool) -> Markup:
    there = at.astimezone(zone_of(zone))
    whole = format_datetime(there, "long", rebase=False)
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        whole,
        Markup(" data-exact")
        if exact
        else Markup(' data-clock="{}"').format(format_time(there, "short", rebase=False)),
        whole if exact else format_date(there, "long", rebase=False),
    )


def day(at: datetime) -> Markup:
    """Write a day that somebody chose: the same day by every clock."""
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        at.strftime("%Y-%m-%d"), format_date(at, "long", rebase=False)
    )


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, for a face."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper() if words else ""


def allowed(act: str, thing: Thing) -> bool:
    """Whether the reader may do this to the thing."""
    return may(g.member, act, thing)


def is_masked_here(question: Question) -> bool:
    """Whether the reader asked this, anonymously."""
    return wears_mask(g.member, question)


def _frame() -> Frame | None:
    """Return what a page does inside of a frame of an LMS, where there is such a door."""
    find: gate.FramedBy | None = current_app.extensions.get("peerqa.framed_by")
    script: str | None = current_app.extensions.get("peerqa.frame_script")
    if find is None or script is None or not g.get("member"):
        return None
    return Frame(script, " ".join(find(g.member.organization_id)))


def _profile_links() -> Sequence[tuple[str, str]]:
    """Return what other doors offer on one's own profile: endpoint, sentence."""
    links: Sequence[tuple[str, str]] = current_app.extensions.get("peerqa.profile_links", ())
    return links


def _space_links(space: Space) -> Sequence[tuple[str, str]]:
    """Return what other doors offer stewards and admins of a space: endpoint, sentence."""
    find: SpaceLinks | None = current_app.extensions.get("peerqa.space_links")
    is_for_them = may(g.member, "steward", space) or g.member.is_admin
    return find(space) if find is not None and is_for_them else ()


def _count_unread() -> int:
    return notifications.count_unread(db.session(), g.member) if g.get("member") else 0
