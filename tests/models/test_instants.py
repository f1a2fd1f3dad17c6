from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from peerqa.models import Organization


def keep(session, at: datetime) -> datetime:
    session.add(Organization(name="Northwind", created_at=at))
    session.flush()
    session.expunge_all()
    return session.scalars(select(Organization)).one().created_at


@pytest.mark.parametrize("hours", [0, 5, -11])
def test_an_instant_comes_back_as_the_same_instant_in_utc(session, hours):
    at = datetime(2026, 6, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=hours)))

    found = keep(session, at)

    assert found == at
    assert found.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(session):
    with pytest.raises(StatementError, match="needs its zone"):
        keep(session, datetime(2026, 6, 1, 12, 0))  # noqa: DTZ001 - what is refused


def test_an_instant_without_a_zone_is_refused_in_a_question_too(session):
    with pytest.raises(StatementError, match="needs its zone"):
        session.scalars(
            select(Organization).where(Organization.created_at < datetime(2026, 6, 1))  # noqa: DTZ001
        ).all()


def test_no_instant_stays_none(session, bob):
    session.expunge_all()

    assert session.get(type(bob), bob.id).inactive_at is None


def test_instants_compare_by_time_whatever_their_zone(session):
    noon = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    keep(session, noon)
    later = (noon + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-11)))

    assert session.scalars(select(Organization.id).where(Organization.created_at < later)).all()


def test_what_is_stored_is_utc(session):
    keep(session, datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=5))))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL TIME ZONE 'UTC'"))

    stored = session.execute(text("SELECT CAST(created_at AS TEXT) FROM organization")).scalar()

    assert stored.startswith("2026-06-01 07:00:00")
