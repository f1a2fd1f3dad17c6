"""An LMS that registers itself, an invitation, and somebody's browser."""

from collections.abc import Iterator

import pytest

from lti.connecting import invitations
from peerqa.clock import utc_now
from peerqa.outgoing import Client
from tests.lti.registering.fake_platform import FakePlatform, serve_platform


@pytest.fixture
def lms() -> Iterator[FakePlatform]:
    with serve_platform() as fake:
        yield fake


@pytest.fixture
def outgoing(app, monkeypatch) -> Client:
    """The client, allowed to ask LMSs on loopback as in the demo."""
    settings = app.extensions["peerqa.settings"].model_copy(update={"demo": True})
    monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
    monkeypatch.setitem(app.extensions, "peerqa.outgoing", Client(settings))
    return app.extensions["peerqa.outgoing"]


@pytest.fixture
def invitation(session, organization) -> str:
    token = invitations.make_invitation(session, organization, utc_now())
    session.commit()
    return token


@pytest.fixture
def client(app, outgoing):
    return app.test_client()
