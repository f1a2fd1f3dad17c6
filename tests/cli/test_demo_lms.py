"""`peerqa demo-lms`: on this machine only, and registered with the demo company."""

from dataclasses import asdict

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lti import demo_platform
from lti.models import Deployment, Origin, Platform
from lti.models.platform import DeploymentState
from peerqa.app import create_app
from peerqa.cli import commands
from peerqa.demo.registration import registration_of
from peerqa.models import Organization
from peerqa.services import organizations
from tests.conftest import NOON

FIRST, SECOND = "http://127.0.0.1:9000", "http://127.0.0.1:9090"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_the_demo_lms_does_not_listen_to_others(host, tmp_path, monkeypatch):
    monkeypatch.setenv("PEERQA_HOME", str(tmp_path))

    result = CliRunner().invoke(commands(create_app), ["demo-lms", "--host", host])

    assert result.exit_code == 1
    assert "does not listen" in result.output


@pytest.fixture
def demo_firm(session) -> Organization:
    return organizations.make_organization(session, name="Demo", at=NOON, is_demo=True)


def seed(session, address: str) -> None:
    demo_platform.seed(session, at=NOON, **asdict(registration_of(address)))


def test_the_demo_lms_is_registered_once(session, demo_firm):
    seed(session, FIRST)
    seed(session, FIRST)

    platform = session.scalars(select(Platform)).one()
    deployment = session.scalars(select(Deployment)).one()
    assert (platform.issuer, platform.keys_url) == (FIRST, f"{FIRST}/lti/keys")
    assert (deployment.state, deployment.organization_id) == (
        DeploymentState.APPROVED, demo_firm.id,
    )  # fmt: skip


def test_the_registration_follows_the_demo_lms_to_another_port(session, demo_firm):
    seed(session, FIRST)
    seed(session, SECOND)

    assert session.scalars(select(Platform.issuer)).all() == [SECOND]
    assert set(session.scalars(select(Origin.origin))) == {FIRST, SECOND}
