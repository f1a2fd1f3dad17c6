"""News that has been in an inbox long enough."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa.models import Member, Notification, Organization


def delete_old(session: Session, *, organization: Organization, at: datetime, days: int) -> None:
    """Delete the news of an organization's members that is older, read or not."""
    own = select(Member.id).where(Member.organization_id == organization.id)
    session.execute(
        delete(Notification).where(
            Notification.member_id.in_(own), Notification.created_at < at - timedelta(days=days)
        ),
        execution_options={"synchronize_session": False},
    )
