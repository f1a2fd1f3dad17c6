"""Asking the worker to learn from an organization's evidence now, and not only at night."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.models import Organization, OutboxRow

TOPIC = "recalibrate"


def ask_to_recalibrate(session: Session, *, organization: Organization, at: datetime) -> None:
    """Ask for it after this transaction; what waits already is not asked for again."""
    if not is_waiting(session, organization):
        outbox.ask(session, TOPIC, str(organization.id), at=at)
        session.flush()


def is_waiting(session: Session, organization: Organization) -> bool:
    """Whether the worker has not come to it yet."""
    waiting = select(OutboxRow.id).where(
        OutboxRow.topic == TOPIC,
        OutboxRow.key == str(organization.id),
        OutboxRow.dead_at.is_(None),
    )
    return session.scalars(waiting.limit(1)).first() is not None
