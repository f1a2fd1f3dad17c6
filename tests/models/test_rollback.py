"""The fixture that all other tests trust: what a test writes is gone when the next one begins.

The tests of this file run in its order and each counts rows before it writes its own, so that one
of them fails when anything is left, by a flush, by transaction() or by a commit.
"""

import pytest
from sqlalchemy import func, select

from peerqa.database import Base, RequestSession, db, transaction
from peerqa.services import organizations
from tests.conftest import NOON


def count_rows(session) -> dict[str, int]:
    counts = {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_is_flushed_is_rolled_back(session, turn):
    assert count_rows(session) == {}

    organizations.make_organization(session, name="Northwind", at=NOON)

    assert count_rows(session) == {"organization": 1, "index_revision": 1}


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_transaction_commits_is_rolled_back(app, turn):
    with transaction() as session:
        assert count_rows(session) == {}
        organizations.make_organization(session, name="Northwind", at=NOON)

    db.session.remove()
    assert count_rows(db.session()) == {"organization": 1, "index_revision": 1}


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_is_committed_by_hand_is_rolled_back(session, turn):
    assert count_rows(session) == {}

    organizations.make_organization(session, name="Northwind", at=NOON)
    session.commit()
    organizations.make_organization(session, name="Contoso", at=NOON)
    session.rollback()  # of what came after the commit, and of no more

    assert count_rows(session) == {"organization": 1, "index_revision": 1}


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_request_commits_is_rolled_back(app, session, turn):
    assert count_rows(session) == {}

    with app.app_context(), transaction() as inner:
        organizations.make_organization(inner, name="Northwind", at=NOON)

    assert count_rows(session) == {"organization": 1, "index_revision": 1}


def test_afterwards_the_database_is_empty(house):
    assert RequestSession.bound_to is None
    with house.app_context():
        assert count_rows(db.session()) == {}
