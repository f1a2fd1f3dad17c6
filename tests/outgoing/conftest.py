import pytest

from peerqa.outgoing import Client
from tests.outgoing.clients import settings


@pytest.fixture
def open_client(tmp_path) -> Client:
    """As in development: http and the own machine."""
    return Client(settings(tmp_path, demo=True))
