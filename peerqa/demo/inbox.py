"""The inboxes of the demo company: a few fresh things for its demo people, all else was read."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from peerqa.demo.people import PEOPLE, email_of
from peerqa.models import Member, Notification, Organization

FRESH_COUNT = 4  # unread ones of each


def read_old_news(session: Session, organization: Organization, *, at: datetime) -> None:
    """Mark as read all but the newest of each demo person, and all that nobody comes to read."""
    newest_first = func.row_number().over(
        partition_by=Notification.member_id,
        order_by=(Notification.created_at.desc(), Notification.id.desc()),
    )
    ranked = (
        select(Notification.id, newest_first.label("rank"))
        .join(Member, Member.id == Notification.member_id)
        .where(
            Member.organization_id == organization.id,
            Member.email.in_([email_of(key) for key in PEOPLE]),
        )
        .subquery()
    )
    session.execute(
        update(Notification)
        .where(
            Notification.member_id.in_(
                select(Member.id).where(Member.organization_id == organization.id)
            ),
            Notification.id.not_in(select(ranked.c.id).where(ranked.c.rank <= FRESH_COUNT)),
            Notification.read_at.is_(None),
        )
        .values(read_at=at),
        execution_options={"synchronize_session": False},
    )
