import pytest

from peerqa.demo.seeding import find_organization, seed
from tests.conftest import NOON
from tests.demo.academy import Academy


@pytest.fixture
def founded(session):
    """The demo company in the database."""
    assert seed(session, at=NOON)
    return find_organization(session)


@pytest.fixture
def academy():
    """The demo LMS with a learner at the browser."""
    academy = Academy()
    academy.log_in("noor")
    return academy


@pytest.fixture
def school():
    """The demo LMS with a teacher at the browser."""
    school = Academy()
    school.log_in("petra")
    return school
