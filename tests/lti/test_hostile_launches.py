"""R9: hostile launches are refused with a code and a sentence, are logged, and make nothing."""

from collections import Counter
from html import unescape

import pytest
from sqlalchemy import func, select

from lti.launching.refusals import find_remedy
from lti.models import (
    Account,
    Context,
    Deployment,
    Enrolment,
    LaunchRecord,
    Origin,
)
from peerqa.models import Department, Member, Membership, OneTimeLink, SignIn, Space
from tests.lti.hostile import ENVELOPE, KEYS, LOGINS, MESSAGES, MISSING, WHEN_AND_WHOM, Scene
from tests.lti.hostile_states import STATES
from tests.lti.platform import FakePlatform

HOSTILE = [*ENVELOPE, *KEYS, *MISSING, *WHEN_AND_WHOM, *MESSAGES, *LOGINS, *STATES]
MADE = (
    Account, Context, Enrolment, Membership, Space, SignIn, OneTimeLink, Department, Origin,
)  # fmt: skip


@pytest.fixture
def scene(platform_side, platform, deployment, foreign_platform, outgoing, session, app) -> Scene:
    other = FakePlatform(foreign_platform, outgoing, key="foreign")
    session.commit()
    clients = app.test_client(), app.test_client()
    return Scene(platform_side, other, platform, deployment, *clients, session, outgoing)


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_launch_is_refused_logged_and_makes_nothing(scene: Scene, session, hostile):
    before = {table: count(session, table) for table in MADE}

    reply = hostile.act(scene)

    row = session.scalars(select(LaunchRecord).order_by(LaunchRecord.id.desc()).limit(1)).one()
    assert (row.code, reply.status_code) == (hostile.code, hostile.status)
    assert (row.sentence % row.context) in unescape(reply.text) or "tab of its own" in reply.text
    assert "frame-ancestors *" in reply.headers["Content-Security-Policy"]
    assert find_remedy(row.code)
    assert "lena@example.org" not in repr(vars(row))
    if hostile.name != "closed member":  # which makes one
        assert {table: count(session, table) for table in MADE} == before
        assert count(session, Member) == 1  # Carol, of the other organization


def test_there_are_as_many_as_were_promised():
    names = Counter(hostile.name for hostile in HOSTILE)

    assert len(HOSTILE) > 120
    assert max(names.values()) <= 2  # absent and null


def test_an_unknown_deployment_waits_for_the_admin_once(scene: Scene, session):
    for _ in range(2):
        scene.platform.launch(scene.client, DEPLOYMENT="2")

    waiting = session.scalars(select(Deployment).where(Deployment.deployment_id == "2")).one()
    assert waiting.state == "waiting"
    assert waiting.organization_id == scene.row.organization_id


def test_a_refusal_is_in_the_log_of_the_organization_as_far_as_it_is_known(scene: Scene, session):
    scene.platform.begin(scene.client, iss="https://evil.example")
    scene.platform.launch(scene.client, exp=1)

    stranger, known = session.scalars(select(LaunchRecord).order_by(LaunchRecord.id)).all()
    assert (stranger.organization_id, stranger.issuer) == (None, "https://evil.example")
    assert (known.organization_id, known.deployment_id) == (scene.row.organization_id, "")
