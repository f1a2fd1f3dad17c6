"""An LMS on loopback that answers what the self-test asks."""

from collections.abc import Iterator

import pytest

from peerqa.outgoing import Client
from tests.lti.registering.fake_platform import FakePlatform, serve_platform


@pytest.fixture
def asked_lms(app, monkeypatch) -> Iterator[FakePlatform]:
    settings = app.extensions["peerqa.settings"].model_copy(update={"demo": True})
    monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
    monkeypatch.setitem(app.extensions, "peerqa.outgoing", Client(settings))
    with serve_platform() as fake:
        yield fake
