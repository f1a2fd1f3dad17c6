"""What is on disk opens nothing: the tokens themselves are nowhere in the database (S8)."""

import threading

import pytest
from sqlalchemy import text

from peerqa import identity, tokens
from peerqa.database import Base, db, transaction
from peerqa.identity import LinkExpired
from peerqa.models import Member
from peerqa.secrets import hash_token
from peerqa.services import members, organizations
from tests.conftest import NOON


@pytest.fixture
def bob_id(fresh_app) -> int:
    with fresh_app.app_context(), transaction() as session:
        made = organizations.make_organization(session, name="Northwind", at=NOON)
        return members.create_member(
            session, organization=made, name="Bob", email="bob@example.org", at=NOON
        ).id


def everything(app, home) -> bytes:
    """Return all that the database keeps: SQLite's files as they are, PostgreSQL's rows."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            return b"".join(path.read_bytes() for path in home.glob("peerqa.db*"))
        rows = [
            str(row)
            for table in Base.metadata.sorted_tables
            for row in db.session.execute(text(f'SELECT t::text FROM "{table.name}" t'))
        ]
        return "\n".join(rows).encode()


def test_no_token_is_in_the_database_itself(fresh_app, bob_id, home):
    with fresh_app.app_context(), transaction() as session:
        bob = session.get(Member, bob_id)
        link = identity.make_link(session, bob, at=NOON, minutes=60)
        used = identity.make_link(session, bob, at=NOON, minutes=60)
        secrets = [
            link,
            used,
            identity.use_link(session, used, at=NOON).token,
            identity.sign_in(session, bob, at=NOON).token,
            tokens.create_token(session, bob, name="CI", at=NOON),
        ]

    kept = everything(fresh_app, home)

    assert b"bob@example.org" in kept  # so it is the right place to look
    for token in secrets:
        assert hash_token(token).encode() in kept
        assert token.encode() not in kept
        assert token.removeprefix("pqa_")[4:24].encode() not in kept


@pytest.mark.timeout(120)
def test_of_many_who_use_one_link_at_once_one_is_signed_in(fresh_app, bob_id):
    with fresh_app.app_context(), transaction() as session:
        link = identity.make_link(session, session.get(Member, bob_id), at=NOON, minutes=60)
    barrier = threading.Barrier(6)
    outcomes: list[str] = []

    def use() -> None:
        barrier.wait()
        try:
            with fresh_app.app_context(), transaction() as session:
                identity.use_link(session, link, at=NOON)
            outcomes.append("in")
        except LinkExpired:
            outcomes.append("refused")

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in"] + ["refused"] * 5
