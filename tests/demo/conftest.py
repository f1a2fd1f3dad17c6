import pytest

from peerqa.demo.seeding import find_organization, seed
from tests.conftest import NOON


@pytest.fixture
def founded(session):
    """The demo company in the database."""
    assert seed(session, at=NOON)
    return find_organization(session)
