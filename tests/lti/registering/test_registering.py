"""An LMS registers itself: Dynamic Registration over HTTP with a fake LMS."""

import pytest

from lti.models import Deployment, Invitation, Platform
from tests.lti.conftest import make_platform
from tests.lti.registering.fake_platform import AGS, NRPS, PLATFORM, TOOL
from tests.lti.registering.lms_admin import TOKEN, begin, confirm, is_usable, nothing_is_kept
from tests.web.conftest import text_of


def test_the_person_sees_first_what_will_be_registered(client, session, invitation, lms):
    page = begin(client, invitation, lms)

    said = text_of(page)
    assert page.status_code == 200
    for part in ("Northwind", lms.address, "Moodle", "who is in a course", "Write scores"):
        assert part in said
    assert "Find that column again" not in said  # lineitem.readonly is not offered
    assert "frame-ancestors *;" in page.headers["Content-Security-Policy"]
    (asked,) = lms.asked
    assert asked[2]["Authorization"] == f"Bearer {TOKEN}"  # Canvas wants it on this one too
    assert nothing_is_kept(session, invitation)


def test_a_confirmed_registration_is_kept_and_ready(client, session, invitation, lms):
    page = confirm(client, begin(client, invitation, lms))

    assert page.status_code == 200
    assert "choose Activate" in text_of(page)
    assert "close.js" in page.text
    (platform,) = session.query(Platform)
    assert (platform.issuer, platform.client_id) == (lms.address, "abc-123")
    assert platform.keys_url == f"{lms.address}/keys"
    assert platform.organization.name == "Northwind"
    assert platform.trusts_administrators
    assert platform.scopes == [NRPS, f"{AGS}lineitem", f"{AGS}score"]
    (deployment,) = session.query(Deployment)
    assert (deployment.deployment_id, deployment.state) == ("7", "approved")
    (row,) = session.query(Invitation)
    assert row.platform_id == platform.id


def test_the_lms_is_told_what_peerqa_is(client, invitation, lms):
    confirm(client, begin(client, invitation, lms))

    (sent,) = lms.registered
    home = "http://localhost:8000"
    assert sent["application_type"] == "web"
    assert sent["initiate_login_uri"] == f"{home}/lti/login"
    assert sent["redirect_uris"] == [f"{home}/lti/launch"]
    assert sent["jwks_uri"] == f"{home}/lti/jwks"
    assert sent["token_endpoint_auth_method"] == "private_key_jwt"
    assert sent["scope"].split() == [NRPS, f"{AGS}lineitem", f"{AGS}score"]
    tool = sent[TOOL]
    assert tool["domain"] == "localhost:8000"  # with its port
    assert tool["claims"] == ["iss", "sub", "name", "email"]
    assert tool["custom_parameters"]["context_id_history"] == "$Context.id.history"
    kinds = {message["type"]: message for message in tool["messages"]}
    assert set(kinds) == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}
    assert kinds["LtiDeepLinkingRequest"]["placements"] == ["ContentArea"]


def test_canvas_placements_and_submission_review_are_taken_when_offered(client, invitation, lms):
    canvas = "https://canvas.instructure.com/lti/"
    lms.configuration[PLATFORM]["messages_supported"] = [
        {"type": "LtiResourceLinkRequest", "placements": [f"{canvas}course_navigation"]},
        {"type": "LtiSubmissionReviewRequest"},
    ]
    confirm(client, begin(client, invitation, lms))

    messages = lms.registered[0][TOOL]["messages"]
    assert [message["type"] for message in messages] == [
        "LtiResourceLinkRequest", "LtiSubmissionReviewRequest",
    ]  # fmt: skip
    assert messages[0]["placements"] == [f"{canvas}course_navigation"]


def test_an_invitation_registers_once(client, session, invitation, lms):
    page = begin(client, invitation, lms)
    assert confirm(client, page).status_code == 200
    for again in (confirm(client, page), begin(client, invitation, lms)):
        assert again.status_code == 410
        assert "Ask an admin of PeerQA for a new one" in text_of(again)
        assert "frame-ancestors *;" in again.headers["Content-Security-Policy"]
    assert session.query(Platform).count() == 1
    assert len(lms.registered) == 1


@pytest.mark.parametrize("token", ["", "wrong", "é" * 500])
def test_without_an_invitation_nothing_is_fetched(client, lms, session, token):
    session.commit()
    page = begin(client, token, lms)

    assert page.status_code == 410
    assert lms.asked == []


def test_opened_by_a_person_the_address_says_where_it_belongs(client, invitation):
    page = client.get("/lti/register", query_string={"invitation": invitation})

    assert page.status_code == 200
    assert "belongs into your LMS" in text_of(page)
    assert f"/lti/register?invitation={invitation}" in page.text


def test_without_a_deployment_id_the_first_launch_waits_for_approval(
    client, session, invitation, lms
):
    lms.given = {TOOL: {}}
    page = confirm(client, begin(client, invitation, lms))

    assert "An admin of PeerQA then approves" in text_of(page)
    assert session.query(Platform).count() == 1
    assert session.query(Deployment).count() == 0


def test_what_the_lms_claims_to_have_granted_is_kept_only_as_far_as_asked(
    client, session, invitation, lms
):
    lms.given = {"scope": f"{NRPS} https://lms.example/everything", "client_id": 4711}
    confirm(client, begin(client, invitation, lms))

    (platform,) = session.query(Platform)
    assert platform.scopes == [NRPS]
    assert platform.client_id == "4711"


def test_the_audience_of_access_tokens_is_kept(client, session, invitation, lms):
    lms.configuration["authorization_server"] = "https://api.brightspace.com/auth/token"
    confirm(client, begin(client, invitation, lms))

    assert session.query(Platform).one().token_audience == "https://api.brightspace.com/auth/token"


def test_a_second_registration_of_the_same_issuer_is_fine(
    client, session, organization, invitation, lms
):
    make_platform(session, organization, issuer=lms.address, client_id="older", https_only=False)
    session.commit()
    page = begin(client, invitation, lms)

    assert "A second registration is fine" in text_of(page)
    assert confirm(client, page).status_code == 200
    assert session.query(Platform).count() == 2


def test_a_client_id_that_is_registered_already_is_refused(
    client, session, organization, invitation, lms
):
    make_platform(session, organization, issuer=lms.address, client_id="abc-123", https_only=False)
    session.commit()
    page = confirm(client, begin(client, invitation, lms))

    assert page.status_code == 409
    assert "Delete the older registration" in text_of(page)
    assert session.query(Platform).count() == 1
    assert is_usable(session, invitation)
