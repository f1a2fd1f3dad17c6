import pytest
from sqlalchemy import select

from peerqa.models import Letter, Notification, OutboxRow
from peerqa.services.notifying import news


@pytest.fixture
def letters(session):
    """Return a function: write what is due now, and return for each letter what it tells."""

    def write(*members, at) -> list[list[str]]:
        news.write_letters(session, [member.id for member in members], at=at)
        session.expire_all()
        return told(session)

    return write


def told(session) -> list[list[str]]:
    """Return the reasons that each letter tells, in the order of the letters."""
    return [
        list(
            session.scalars(
                select(Notification.reason)
                .where(Notification.letter_id == letter.id)
                .order_by(Notification.id)
            )
        )
        for letter in session.scalars(select(Letter).order_by(Letter.id))
    ]


def waiting(session, topic: str) -> list[tuple[str, object]]:
    rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == topic).order_by(OutboxRow.id))
    return [(row.key, row.due_at) for row in rows]
