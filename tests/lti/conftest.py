"""What tests of the LMS front door share: a platform of each organization."""

import pytest
from sqlalchemy.orm import Session

from lti.models import Deployment, Platform
from lti.models.platform import DeploymentState
from lti.registration import add_deployment, register_platform
from peerqa.models import Organization
from tests.conftest import NOON


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
