"""What tests of the LMS front door share: a platform of each organization."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from lti.models import Deployment, Platform
from lti.models.platform import DeploymentState
from lti.registration import add_deployment, register_platform
from peerqa.models import Organization
from peerqa.outgoing import Client
from tests.conftest import NOON
from tests.lti.fake_lms import FakeLms, fake_lms
from tests.lti.platform import FakePlatform, Outgoing


def make_platform(
    session: Session, organization: Organization, host: str = "moodle.example", **more: object
) -> Platform:
    said = {
        "issuer": f"https://{host}",
        "client_id": "client-1",
        "authorization_url": f"https://{host}/mod/lti/auth.php",
        "token_url": f"https://{host}/mod/lti/token.php",
        "keys_url": f"https://{host}/mod/lti/certs.php",
        "product": "moodle",
        "at": NOON,
    }
    return register_platform(session, organization=organization, **(said | more))


@pytest.fixture
def platform(session, organization) -> Platform:
    return make_platform(session, organization)


@pytest.fixture
def deployment(session, platform) -> Deployment:
    return add_deployment(
        session, platform=platform, deployment_id="1", at=NOON, state=DeploymentState.APPROVED
    )


@pytest.fixture
def foreign_platform(session, carol) -> Platform:
    return make_platform(session, carol.organization, "other.example")


@pytest.fixture
def lms(app, settings, monkeypatch) -> Iterator[FakeLms]:
    """An LMS's services over HTTP; the own machine may be reached, as in development."""
    chosen = Client(settings.model_copy(update={"demo": True}))
    monkeypatch.setitem(app.extensions, "peerqa.outgoing", chosen)
    with fake_lms() as lms:
        yield lms


@pytest.fixture
def outgoing(app, monkeypatch) -> Outgoing:
    """What PeerQA asks of platforms by HTTP, answered in the process."""
    outgoing = Outgoing()
    monkeypatch.setitem(app.extensions, "peerqa.outgoing", outgoing)
    return outgoing


@pytest.fixture
def platform_side(platform, deployment, outgoing, session) -> FakePlatform:
    """The LMS of the platform's registration, with an approved deployment."""
    session.commit()
    return FakePlatform(platform, outgoing)


@pytest.fixture
def client(app):
    """A browser."""
    return app.test_client()
