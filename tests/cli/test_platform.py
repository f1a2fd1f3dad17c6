"""`peerqa platform …`."""

import json

import pytest

from lti.connecting import invitations, registration
from lti.models import Platform
from lti.services import keys
from peerqa.clock import utc_now
from tests.lti.conftest import make_platform

ADD = (
    "platform", "add", "--issuer", "https://lms.example", "--client-id", "abc",
    "--authorization-url", "https://lms.example/auth", "--token-url", "https://lms.example/token",
    "--keys-url", "https://lms.example/keys",
)  # fmt: skip


@pytest.fixture
def platform(session, organization) -> Platform:
    return make_platform(session, organization)


def test_an_invitation_is_an_address_for_one_lms(peerqa, session, organization):
    made = peerqa("platform", "invite", "--organization", "Northwind", "--json").json

    token = made["address"].removeprefix("http://localhost:8000/lti/register?invitation=")
    found = invitations.find_invitation(session, token, utc_now())
    assert found.organization.name == made["organization"] == "Northwind"


def test_a_person_reads_nothing_but_the_address(peerqa, organization):
    ran = peerqa("platform", "invite")

    assert ran.said.startswith("http://localhost:8000/lti/register?")
    assert len(ran.said.splitlines()) == 1
    assert "PEERQA_PUBLIC_URL" in ran.noted


def test_an_lms_is_registered_by_hand(peerqa, session, organization):
    ran = peerqa(*ADD, "--deployment", "7", "--trust-administrators", "--json")

    assert ran.status == 0
    assert ran.json["name"] == "lms.example"
    assert ran.json["trusts_administrators"]
    assert ran.json["deployments"] == [
        {"deployment_id": "7", "state": "approved", "organization": "Northwind"}
    ]
    again = peerqa(*ADD, "--json")
    assert (again.status, again.json["error"]["code"]) == (1, "already-registered")
    assert session.query(Platform).count() == 1


def test_a_wrong_address_is_refused_by_its_name(peerqa, session, organization):
    ran = peerqa(*ADD[:-1], "http://lms.example/keys")

    assert ran.status == 1
    assert ran.noted == "The keyset address must begin with https://.\n"
    assert session.query(Platform).count() == 0


def test_the_list_says_what_waits(peerqa, session, platform):
    registration.add_deployment(session, platform=platform, deployment_id="7", at=utc_now())

    assert peerqa("platform", "list").said == (
        f"#{platform.id} moodle.example (https://moodle.example, client client-1), "
        "1 waiting for approval\n"
    )


def test_without_any_the_list_says_how_to_begin(peerqa, organization):
    assert "peerqa platform invite" in peerqa("platform", "list").said


def test_one_is_shown_with_what_the_lms_needs(peerqa, platform):
    told = peerqa("platform", "show", str(platform.id), "--json").json

    assert told["issuer"] == "https://moodle.example"
    assert told["tool"]["keys"] == "http://localhost:8000/lti/jwks"
    assert "client_id: client-1" in peerqa("platform", "show", str(platform.id)).said


def test_a_deployment_that_waits_is_approved(peerqa, session, platform):
    row = registration.add_deployment(session, platform=platform, deployment_id="7", at=utc_now())
    ran = peerqa("platform", "approve", str(platform.id), "--json")

    assert ran.json == {
        "platform": platform.id, "deployment": "7", "organization": "Northwind"
    }  # fmt: skip
    assert row.state == "approved"
    nothing = peerqa("platform", "approve", str(platform.id))
    assert (nothing.status, nothing.noted[:2]) == (1, "0 ")


def test_a_deployment_may_be_another_organizations(peerqa, session, platform, carol):
    ran = peerqa(
        "platform", "approve", str(platform.id), "--deployment", "9", "--into", "Elsewhere",
        "--organization", "Northwind", "--json",
    )  # fmt: skip

    assert ran.json["organization"] == "Elsewhere"


def test_an_lms_is_switched_off_and_on(peerqa, platform):
    assert not peerqa("platform", "disable", str(platform.id), "--json").json["enabled"]
    assert platform.disabled_at is not None
    assert "switched off" in peerqa("platform", "list").said
    assert peerqa("platform", "enable", str(platform.id), "--json").json["enabled"]
    assert platform.disabled_at is None


def test_another_organizations_lms_is_not_there(peerqa, platform, carol):
    for act in ("show", "approve", "disable", "enable"):
        ran = peerqa("platform", act, str(platform.id), "--organization", "Elsewhere", "--json")
        assert (ran.status, ran.json["error"]["code"]) == (1, "not-found")


def test_keys_are_rotated_by_hand(peerqa, session, app):
    before = keys.rotate(session, app.extensions["peerqa.key"], at=utc_now()).kid
    made = peerqa("platform", "rotate-keys", "--json").json

    published = [row.kid for row in keys.list_published(session, at=utc_now())]
    assert made["kid"] != before
    assert set(published) == {before, made["kid"]}
    assert json.dumps(made) == json.dumps({"kid": made["kid"]})  # nothing of the private key
