"""What tests of the LMS front door share: a platform of each organization."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import jwt
import pytest
from sqlalchemy.orm import Session

from lti.connecting.registration import add_deployment, register_platform
from lti.models import Deployment, Platform
from lti.models.platform import DeploymentState
from lti.placing import picking
from lti.services import keys
from peerqa.clock import utc_now
from peerqa.models import Organization
from peerqa.outgoing import Client
from tests.conftest import NOON
from tests.lti.courses import ISSUER, keep, make_campus, offering
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


@pytest.fixture
def campus(session, organization):
    return make_campus(session, organization)


@pytest.fixture
def course(campus):
    return campus.course("c-1", "Forklifts")


@pytest.fixture
def teacher(session, course, bob):
    return keep(session, bob, course.space)


@pytest.fixture
def begin(app, session, campus, course, teacher):
    """Return a function: what the platform offers → the path of the picker."""

    def begin(*, by=teacher, context=course, at=None, **offered):
        enrolled = SimpleNamespace(
            member=by, account=None, context=context, space=context and context.space
        )
        launch = campus.launch(context, offer=offering(**offered))
        with app.test_request_context():
            path = picking.begin(session, launch, enrolled, campus.deployment, at=at or utc_now())
        session.commit()
        return path

    return begin


@pytest.fixture
def read(session):
    """Return a function: reply → the address of its form and the verified claims in it."""

    def read(reply):
        assert reply.status_code == 200, reply.text
        token = re.search(r'name="JWT" value="([^"]+)"', reply.text)[1]
        kid = jwt.get_unverified_header(token)["kid"]
        (row,) = (row for row in keys.list_published(session, at=utc_now()) if row.kid == kid)
        key = jwt.PyJWK(row.public)
        claims = jwt.decode(token, key, algorithms=["RS256"], audience=ISSUER)
        address = re.search(r'action="([^"]+)" id="send-on"', reply.text)[1]
        return address.replace("&amp;", "&"), claims

    return read
