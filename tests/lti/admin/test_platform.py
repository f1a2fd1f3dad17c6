"""One LMS: what is made of it, its deployments, and the self-test."""

import json
from datetime import timedelta

import pytest

from lti.launching import launch_log
from lti.launching.launch_log import Attempt
from lti.launching.refusals import SignatureWrong
from lti.models import Deployment
from lti.services import keys
from peerqa.clock import utc_now
from tests.lti.conftest import make_platform
from tests.lti.registering.fake_platform import NRPS
from tests.web.conftest import field_value, text_of


@pytest.fixture
def page(browse, admin, platform):
    """An admin's browser, and the address of the platform's page."""
    return browse(admin), f"/admin/lms/platforms/{platform.id}"


def test_what_peerqa_makes_of_it_is_changed(page, session, platform):
    browser, address = page
    sent = {"name": " The  campus ", "trusts_administrators": "1", "department_parameter": "dept"}
    assert browser.post(address, sent).status_code == 303

    session.expire_all()
    assert platform.name == "The campus"
    assert platform.trusts_administrators
    assert platform.department_parameter == "dept"
    assert field_value(browser.get(address), "department_parameter") == "dept"

    assert browser.post(address, {"name": "Campus"}).status_code == 303
    session.expire_all()
    assert (platform.trusts_administrators, platform.department_parameter) == (False, None)


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "n" * 201), ("department_parameter", "d" * 101)]
)
def test_what_cannot_be_kept_stands_beside_its_field(page, session, platform, field, value):
    browser, address = page
    reply = browser.post(address, {"name": "Campus", field: value})

    assert reply.status_code == 422
    assert f'id="{field}-refused"' in reply.text
    assert field_value(reply, field) == value
    session.expire_all()
    assert platform.name == "moodle.example"


def test_it_is_switched_off_and_on(page, session, platform):
    browser, address = page
    for wanted, is_off in (("0", True), ("0", True), ("1", False), ("1", False)):
        assert browser.post(f"{address}/switch", {"wanted": wanted}).status_code == 303
        session.expire_all()
        assert (platform.disabled_at is not None) == is_off
        assert ("Switched off:" in text_of(browser.get(address))) == is_off


def test_a_deployment_is_approved_before_anybody_comes(page, session):
    browser, address = page
    for _ in range(2):
        browser.post(f"{address}/deployments", {"deployment_id": " 9 "})
    (row,) = session.query(Deployment)
    assert (row.deployment_id, row.state) == ("9", "approved")

    refused = browser.post(f"{address}/deployments", {"deployment_id": ""})
    assert refused.status_code == 422
    assert 'id="deployment_id-refused"' in refused.text


@pytest.fixture
def tested(browse, admin, session, organization, asked_lms, app):
    """Return a function: test the LMS on loopback → what the page says."""
    made = make_platform(
        session, organization, https_only=False, scopes=[NRPS],
        keys_url=f"{asked_lms.address}/keys", token_url=f"{asked_lms.address}/token",
    )  # fmt: skip
    key = keys.rotate(session, app.extensions["peerqa.key"], at=utc_now())
    document = json.dumps({"keys": [key.public]}).encode()
    asked_lms.answers["/keys"] = (200, document)
    asked_lms.answers["/token"] = (200, b'{"access_token": "secret-token", "expires_in": 60}')
    browser = browse(admin)

    def run() -> str:
        reply = browser.post(f"/admin/lms/platforms/{made.id}/test")
        assert reply.status_code == 200
        assert "secret-token" not in reply.text
        return text_of(reply)

    run.platform = made
    return run


def test_the_self_test_says_what_is_well(tested, session):
    attempt = Attempt()
    attempt.reach(tested.platform)
    launch_log.record(session, attempt, at=utc_now())
    said = tested()

    assert "usable keys: 1" in said
    assert "They differ by" in said
    assert "makes launches fail" not in said
    assert "gives PeerQA access" in said
    assert "The last launch went well" in said
    assert "without https" in said  # the address of a test


def test_the_self_test_says_what_is_wrong_and_what_to_do(tested, session, asked_lms):
    asked_lms.answers["/keys"] = (200, b"<html>Log in</html>")
    asked_lms.answers["/token"] = (400, b'{"error": "invalid_client"}')
    attempt = Attempt()
    attempt.reach(tested.platform)
    launch_log.record(session, attempt, SignatureWrong(), at=utc_now())
    said = tested()

    assert "no key set" in said
    assert "Compare the keyset address" in said
    assert "does not accept PeerQA's signature" in said.replace("&#39;", "'")
    assert "Compare client id and access token address" in said
    assert "signature of the LMS is not right" in said


def test_services_that_nobody_granted_are_no_fault(tested, session, asked_lms):
    tested.platform.scopes = []
    session.commit()
    asked_lms.answers["/token"] = (400, b'{"error": "invalid_scope"}')
    said = tested()

    assert "Not known Services of the LMS" in said
    assert "Allow the tool rosters and grades" in said


def test_an_lms_that_is_away_does_not_break_the_test(tested, session, asked_lms):
    tested.platform.keys_url = tested.platform.token_url = "http://127.0.0.1:1/"
    session.commit()
    said = tested()

    assert said.count("Wrong") >= 2
    assert "did not tell its time" in said
    assert "Nobody has come from there yet" in said


def test_clocks_that_differ_are_named(tested, monkeypatch):
    later = utc_now() + timedelta(minutes=5)
    monkeypatch.setattr("lti.admin.platform_pages.utc_now", lambda: later)

    assert "which makes launches fail" in tested()


def test_a_status_that_is_no_answer_is_told(tested, asked_lms):
    asked_lms.answers["/keys"] = (404, b"")

    assert "answers with status 404" in tested()
