"""The audit trail on screen, for admins: who did what in their organization, by page and filter."""

from datetime import UTC, date, datetime, time, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.paging import read_id
from peerqa.services.moderating.audit_acts import SUBJECTS
from peerqa.services.moderating.audit_trail import Filter, list_entries
from peerqa.web.pages import me, pages, show

FILTERS = ("about", "by", "since", "until")


@pages.get("/admin/audit")
@open_to(Audience.ADMINS)
def show_audit() -> ResponseReturnValue:
    """Show the trail, newest first."""
    chosen = request.args.get("about", "")
    only = Filter(
        subject=chosen or None,
        actor_id=read_id(request.args.get("by")),
        since=_read_day("since"),
        until=_read_day("until", is_end=True),
    )
    entries, next_number = list_entries(
        db.session(),
        me().organization,
        only=only,
        before=read_id(request.args.get("before")),
        reader=me(),
    )
    kept = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return show(
        "moderating/audit.html",
        entries=entries,
        subjects=SUBJECTS,
        chosen=chosen,
        kept=kept,
        next_number=next_number,
    )


def _read_day(name: str, *, is_end: bool = False) -> datetime | None:
    """Read a day, in UTC; the end of it where it is the last one wanted.

    Raises:
        Invalid: it is none.
    """
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=is_end)
    except (ValueError, OverflowError):
        raise Invalid(
            N_("Write a day as year-month-day, such as 2026-03-31."), field=name
        ) from None
    return datetime.combine(day, time(), UTC)
