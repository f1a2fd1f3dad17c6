"""Flagging: a member says that a post should be looked at, once per person and post.

Flags do nothing by themselves, however many there are: three colleagues who dislike an answer would
else take it away, and in a company a steward is never far. Who flagged is shown to nobody. A post
that its author takes back leaves the queue with its flags, and comes back with them.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from peerqa.database import insert_once, one_line
from peerqa.errors import N_, Invalid, NotAllowed
from peerqa.models import Flag, Member, Post
from peerqa.permissions import may

MAX_NOTE = 500
OTHER = "other"
REASONS: Mapping[str, str] = {
    "rude": N_("It is rude or hurts somebody"),
    "private": N_("It says what should stay private or secret"),
    "spam": N_("It is advertising or nonsense"),
    "misplaced": N_("It does not belong here"),
    OTHER: N_("Something else"),
}


def flag_post(
    session: Session, *, post: Post, by: Member, reason: str, note: str = "", at: datetime
) -> bool:
    """Say that a post should be looked at; a second time changes nothing and says False.

    Raises:
        NotAllowed: it is their own.
        Invalid: there is no such reason, or what is said beside it is missing or too long.
    """
    if not may(by, "flag", post):
        raise NotAllowed(N_("You can edit or delete what you wrote yourself."), post=post.id)
    if reason not in REASONS:
        raise Invalid(N_("Choose what is wrong with it."), field="reason")
    note = one_line(note)
    if len(note) > MAX_NOTE:
        raise Invalid(N_("Please use at most %(most)s characters."), field="note", most=MAX_NOTE)
    if reason == OTHER and not note:
        raise Invalid(N_("Say in a few words what is wrong with it."), field="note")
    return insert_once(
        session, Flag, post_id=post.id, member_id=by.id, reason=reason, note=note, created_at=at
    )


def find_flag(session: Session, *, post: Post, by: Member) -> Flag | None:
    """Return the member's own flag on a post."""
    return session.scalars(
        select(Flag).where(Flag.post_id == post.id, Flag.member_id == by.id)
    ).one_or_none()


def settle(session: Session, post: Post, *, at: datetime) -> int:
    """Take the open flags of a post out of the queue; returns how many there were."""
    done = session.execute(
        update(Flag).where(Flag.post_id == post.id, Flag.settled_at.is_(None)).values(settled_at=at)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # a CursorResult
