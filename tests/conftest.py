"""One real database of each kind a worker, and every test rolled back.

Alice asks, Bob is in the organization, Carol is in another and must see nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti.launching.framing import FramedBy
from peerqa import identity
from peerqa.app import create_app, migrate_empty
from peerqa.database import RequestSession, db
from peerqa.gate import COOKIE, instance_key
from peerqa.models import Member, Organization, Question, Space
from peerqa.models.space import Role, Visibility
from peerqa.services import helped, members, organizations, questions, spaces
from peerqa.settings import Settings
from peerqa.temporary_home import chosen_settings
from tests.indexer.conftest import model_folder  # noqa: F401 - a fixture for all
from tests.postgres import postgres_url

pytest_plugins = ["tests.groups", "tests.browser.fixtures", "tests.mail_server"]

# A busy machine is no failure; what must not take long says so itself.
hypothesis.settings.register_profile("peerqa", deadline=None)
hypothesis.settings.load_profile("peerqa")

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What a test leaves in the environment would become a setting of the next one."""
    before = chosen_settings()
    yield
    assert chosen_settings() == before


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def settings(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp(f"home-{database_kind}")
    address = postgres_url() if database_kind == "postgresql" else None
    return Settings(
        home=home, database_url=address, model_dir=home / "no-model", secret_key="k" * 32
    )


@pytest.fixture(scope="session")
def house(settings: Settings) -> Flask:
    """The app on a migrated database that stays empty."""
    app = create_app(settings)
    app.testing = True
    migrate_empty(app)
    return app


@contextmanager
def rolled_back(house: Flask) -> Iterator[Flask]:
    """Put the app on one connection, and undo all that was done on it."""
    with house.app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        RequestSession.bound_to = connection
        house.extensions["peerqa.framed_by"] = FramedBy()  # ids are given again
        helped.forget()  # for the same reason
        try:
            yield house
        finally:
            RequestSession.bound_to = None
            db.session.remove()
            outer.rollback()
            connection.close()


@pytest.fixture
def app(house: Flask) -> Iterator[Flask]:
    """The app, on a connection that is rolled back afterwards."""
    with rolled_back(house) as app:
        yield app


@pytest.fixture
def session(app: Flask) -> Session:
    return db.session()


@pytest.fixture
def organization(session: Session) -> Organization:
    return organizations.make_organization(session, name="Northwind", at=NOON)


@pytest.fixture
def space(session: Session, organization: Organization) -> Space:
    return spaces.make_space(session, organization=organization, name="Workshop", at=NOON)


@pytest.fixture
def closed_space(session: Session, organization: Organization) -> Space:
    return spaces.make_space(
        session, organization=organization, name="Pay", at=NOON, visibility=Visibility.SPACE
    )


def make_member(session: Session, organization: Organization, name: str, **more: bool) -> Member:
    return members.create_member(
        session,
        organization=organization,
        name=name,
        email=f"{name.split()[0].lower()}@example.org",
        at=NOON,
        **more,
    )


@pytest.fixture
def alice(session: Session, organization: Organization) -> Member:
    return make_member(session, organization, "Alice Asker")


@pytest.fixture
def bob(session: Session, organization: Organization) -> Member:
    return make_member(session, organization, "Bob Builder")


@pytest.fixture
def steward(session: Session, organization: Organization, space: Space) -> Member:
    steward = make_member(session, organization, "Sam Steward")
    members.join_space(session, member=steward, space=space, role=Role.STEWARD)
    return steward


@pytest.fixture
def admin(session: Session, organization: Organization) -> Member:
    return make_member(session, organization, "Ada Admin", is_admin=True)


@pytest.fixture
def carol(session: Session) -> Member:
    elsewhere = organizations.make_organization(session, name="Elsewhere", at=NOON)
    return make_member(session, elsewhere, "Carol Foreign")


@pytest.fixture
def question(session: Session, space: Space, alice: Member) -> Question:
    return questions.post_question(
        session,
        space=space,
        author=alice,
        title="How do I reset the label printer?",
        body="It blinks **red** since this morning.",
        topic_names=["label-printer"],
        at=NOON,
    )


class Browser:
    """A member at a browser: a test client with the cookie and the CSRF token of a sign-in."""

    def __init__(self, app: Flask, session: Session, member: Member) -> None:
        from peerqa.clock import utc_now

        made = identity.sign_in(session, member, at=utc_now())
        session.commit()
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie(COOKIE, made.token)
        self.csrf_token = identity.csrf_token(instance_key(), made.row)

    def get(self, path: str, **more: object):
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, object] | None = None, **more: object):
        return self.client.post(path, data={"csrf_token": self.csrf_token, **(data or {})}, **more)


@pytest.fixture
def browse(app: Flask, session: Session):
    """Return a function: member → Browser."""
    return lambda member: Browser(app, session, member)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
