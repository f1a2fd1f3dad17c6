"""Suspending a member and lifting it, for admins; what the member reads is the gate's sentence."""

from datetime import UTC, date, datetime, time, timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Conflict, Invalid
from peerqa.gate import Audience, open_to
from peerqa.services import members
from peerqa.services.moderating import kept_out, suspensions
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text


@pages.get("/admin/members/<id:member_id>/suspension")
@open_to(Audience.ADMINS)
def show_suspension(member_id: int) -> ResponseReturnValue:
    """Show whether a member is suspended, and the form."""
    return _show(member_id)


@pages.post("/admin/members/<id:member_id>/suspension")
@open_to(Audience.ADMINS)
@keeps_text(lambda member_id: _show(member_id))
def suspend(member_id: int) -> ResponseReturnValue:
    """Suspend a member, or let them in again."""
    wanted = request.form.get("wanted") != "0"
    try:
        with transaction() as session:
            member = members.get_member(session, me().organization_id, member_id)
            if wanted:
                suspensions.suspend(
                    session, member=member, by=me(), why=request.form.get("why", ""),
                    until=_read_until(), at=utc_now(),
                )  # fmt: skip
            else:
                suspensions.lift(session, member=member, by=me(), at=utc_now())
    except (Conflict, Invalid) as refusal:
        return _show(member_id, refusal)
    return see(
        "show_suspension", member_id=member_id, said="suspended" if wanted else "unsuspended"
    )


def _read_until() -> datetime | None:
    """Read the last day, in UTC; its end.

    Raises:
        Invalid: it is none.
    """
    text = request.form.get("until", "").strip()
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            N_("Write a day as year-month-day, such as 2026-03-31."), field="until"
        ) from None


def _show(member_id: int, refusal: Conflict | Invalid | None = None) -> ResponseReturnValue:
    member = members.get_member(db.session(), me().organization_id, member_id)
    sentence = gettext(refusal.sentence, **refusal.context) if refusal else ""
    return show(
        "moderating/suspension.html",
        status=refusal.status if refusal else 200,
        person=member,
        is_suspended=kept_out.is_suspended(member, at=utc_now()),
        why=request.form.get("why", ""),
        until=request.form.get("until", ""),
        field=getattr(refusal, "field", None),
        error=sentence,
    )
