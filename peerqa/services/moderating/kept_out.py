"""Who is kept out at an instant; that and nothing else, so that all may ask."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from peerqa.models import Member


def is_suspended(member: Member, *, at: datetime) -> bool:
    """Whether the member is kept out at this instant."""
    until = member.suspended_until
    return member.suspended_at is not None and (until is None or until > at)


def is_active(at: datetime) -> ColumnElement[bool]:
    """The members who have neither left nor are suspended at this instant, as a condition."""
    return and_(
        Member.inactive_at.is_(None),
        or_(Member.suspended_at.is_(None), Member.suspended_until <= at),
    )
