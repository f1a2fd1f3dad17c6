"""Platforms, deployments and invitations as rows."""

from datetime import timedelta

import pytest

from lti.connecting import invitations, registration
from lti.connecting.invitations import InvitationExpired
from lti.connecting.registration import AlreadyRegistered
from lti.models import Deployment, Platform
from peerqa.errors import Invalid, NotFound
from tests.conftest import NOON
from tests.lti.conftest import make_platform

LATER = NOON + timedelta(hours=1)


def test_a_registration_is_kept_as_the_platform_spells_it(session, organization):
    made = make_platform(session, organization, "Moodle.example/Learn/", client_id="AbC")

    assert (made.issuer, made.client_id) == ("https://Moodle.example/Learn/", "AbC")
    assert made.name == "Moodle.example/Learn/"
    assert not made.trusts_administrators


def test_one_issuer_may_have_several_clients_but_each_only_once(session, platform, carol):
    second = make_platform(session, platform.organization, client_id="client-2")

    assert second.issuer == platform.issuer
    for organization in (platform.organization, carol.organization):
        with pytest.raises(AlreadyRegistered, match="registered already"):
            make_platform(session, organization)
    assert session.query(Platform).count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", ""),
        ("issuer", "moodle.example"),
        ("issuer", "http://moodle.example"),
        ("issuer", "https://moodle.example?x=1"),
        ("issuer", "https://moodle.example/" + "a" * 300),
        ("authorization_url", "https://moodle.example/#here"),
        ("authorization_url", "javascript:alert(1)"),
        ("token_url", "https://user:secret@moodle.example/token"),
        ("token_url", "https://moodle.example:port/token"),
        ("token_url", "https:///token"),
        ("keys_url", "https://moodle.example/" + "a" * 1000),
        ("keys_url", "https://moodle.example/a b"),
        ("client_id", " "),
        ("client_id", "c" * 256),
        ("client_id", "a\nb"),
        ("name", "n" * 201),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(session, organization, field, value):
    with pytest.raises(Invalid) as refused:
        make_platform(session, organization, **{field: value})

    assert refused.value.field == field
    assert "secret" not in str(refused.value)
    assert session.query(Platform).count() == 0


def test_plain_http_is_for_the_demo_alone(session, organization):
    local = dict.fromkeys(
        ("issuer", "authorization_url", "token_url", "keys_url"), "http://127.0.0.1:9000/x"
    )

    assert make_platform(session, organization, https_only=False, **local).issuer == local["issuer"]


def test_a_deployment_waits_until_it_is_approved(session, platform):
    made = registration.add_deployment(session, platform=platform, deployment_id="7", at=NOON)
    assert (made.state, made.decided_at) == ("waiting", None)
    assert made.organization_id == platform.organization_id

    registration.approve(session, made, LATER)
    registration.approve(session, made, LATER + timedelta(hours=1))
    assert (made.state, made.decided_at) == ("approved", LATER)

    again = registration.add_deployment(session, platform=platform, deployment_id="7", at=LATER)
    assert again is made
    assert again.state == "approved"

    registration.refuse(session, made, LATER)
    assert made.state == "refused"


def test_who_runs_peerqa_may_give_a_deployment_to_another_organization(session, platform, carol):
    made = registration.add_deployment(session, platform=platform, deployment_id="7", at=NOON)
    registration.approve(session, made, LATER, into=carol.organization)

    assert made.organization_id == carol.organization_id
    listed = registration.list_platforms(session, carol.organization_id)
    assert [each.id for each in listed] == [platform.id]
    with pytest.raises(NotFound):  # whose admins keep it has not changed
        registration.get_platform(session, carol.organization_id, platform.id)


def test_a_disabled_platform_can_be_enabled(session, platform):
    registration.disable(session, platform, NOON)
    registration.disable(session, platform, LATER)
    assert platform.disabled_at == NOON

    registration.enable(session, platform)
    registration.enable(session, platform)
    assert platform.disabled_at is None


def test_an_organization_sees_its_own(session, platform, deployment, foreign_platform):
    mine = platform.organization_id

    assert [each.id for each in registration.list_platforms(session, mine)] == [platform.id]
    assert [each.id for each in registration.list_deployments(session, mine)] == [deployment.id]
    with pytest.raises(NotFound):
        registration.get_platform(session, mine, foreign_platform.id)
    with pytest.raises(NotFound):
        registration.get_deployment(session, foreign_platform.organization_id, deployment.id)


def test_deployments_that_wait_come_first(session, platform, deployment):
    waiting = registration.add_deployment(session, platform=platform, deployment_id="2", at=NOON)
    listed = registration.list_deployments(session, platform.organization_id)

    assert [each.id for each in listed] == [waiting.id, deployment.id]


def test_an_invitation_is_used_once(session, organization, platform):
    token = invitations.make_invitation(session, organization, NOON)
    taken = invitations.claim_invitation(session, token, LATER)
    assert taken.organization_id == organization.id
    with pytest.raises(InvitationExpired):  # the other of two at once
        invitations.claim_invitation(session, token, LATER)

    invitations.consume_invitation(session, taken, platform)
    with pytest.raises(InvitationExpired) as refused:
        invitations.find_invitation(session, token, LATER + timedelta(hours=1))
    assert refused.value.status == 410
    invitations.release_invitation(session, taken)
    with pytest.raises(InvitationExpired):  # what was registered stays so
        invitations.find_invitation(session, token, LATER)


def test_an_invitation_comes_back_when_nothing_was_registered(session, organization):
    token = invitations.make_invitation(session, organization, NOON)
    invitations.release_invitation(session, invitations.claim_invitation(session, token, NOON))
    assert invitations.find_invitation(session, token, NOON)

    invitations.claim_invitation(session, token, NOON)  # by a process that is killed
    assert invitations.find_invitation(session, token, NOON + timedelta(minutes=3))


def test_an_invitation_ends_after_a_week_and_nobody_can_guess_one(session, organization):
    token = invitations.make_invitation(session, organization, NOON)

    assert invitations.find_invitation(session, token, NOON + timedelta(days=6))
    for wrong, at in ((token, NOON + timedelta(days=7)), ("", NOON), ("x" * 5000, NOON)):
        with pytest.raises(InvitationExpired):
            invitations.find_invitation(session, wrong, at)


def test_no_deployment_is_made_for_an_empty_id(session, platform):
    with pytest.raises(Invalid):
        registration.add_deployment(session, platform=platform, deployment_id="", at=NOON)
    assert session.query(Deployment).count() == 0
