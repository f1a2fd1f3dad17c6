"""S8 and S4 at the front door: nothing of a launch in logs; posts of other sites do no more."""

import logging

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lti.models import LaunchRecord, Login
from peerqa.models import OneTimeLink, SignIn
from tests.lti.platform import ABSENT, FakePlatform, post
from tests.lti.test_launches import follow

CANARIES = {
    "sub": "subject-canary",
    "name": "Name Canary",
    "email": "mail-canary@example.org",
    "CUSTOM": {"a": "custom-canary"},
    "ROLES": ["urn:role-canary"],
}


@pytest.mark.parametrize("more", [{}, {"exp": 1}, {"VERSION": "2"}, {"sub": 5}], ids=str)
def test_no_log_line_and_no_row_of_the_launch_log_holds_what_a_launch_says(
    platform_side: FakePlatform, client: FlaskClient, session, capfd, caplog, more
):
    caplog.set_level(logging.DEBUG)
    sent = platform_side.begin(client, login_hint="hint-canary", lti_message_hint="also-canary")
    token = platform_side.sign(platform_side.claims(sent.nonce, **(CANARIES | more)))
    reply = post(client, token, sent.state)
    if reply.status_code == 303:
        follow(client, reply)

    out, err = capfd.readouterr()
    rows = [repr(vars(row)) for row in session.scalars(select(LaunchRecord))]
    told = "\n".join([out, err, caplog.text, *rows])
    for secret in ("canary", "Canary", token[-40:], sent.state, sent.nonce):
        assert secret not in told


def test_state_nonce_and_tokens_are_kept_as_hashes(
    platform_side: FakePlatform, client: FlaskClient, session
):
    sent = platform_side.begin(client)
    token = platform_side.sign(platform_side.claims(sent.nonce))
    reply = post(client, token, sent.state)

    kept = [
        repr(vars(row))
        for table in (Login, SignIn, OneTimeLink)
        for row in session.scalars(select(table))
    ]
    arrival = reply.headers["Location"].partition("/arrived/")[2].partition("?")[0]
    for secret in (sent.state, sent.nonce, arrival):
        assert secret
        assert not any(secret in row for row in kept)


def test_a_login_that_another_site_begins_changes_nobodys_sign_in(
    platform_side: FakePlatform, browse, alice, session
):
    """Login CSRF: the attacker's own launch must be finished by the browser that began it."""
    session.commit()
    browser = browse(alice)
    attacker = browser.client.application.test_client()
    sent = platform_side.begin(attacker)
    token = platform_side.sign(platform_side.claims(sent.nonce, sub="attacker", name="Mallory"))

    reply = post(browser.client, token, sent.state)

    assert reply.status_code == 403
    assert "Set-Cookie" not in reply.headers
    assert "Signed in as Alice Asker" in browser.get("/").text


def test_a_refusal_sets_no_cookie(platform_side: FakePlatform, client: FlaskClient):
    reply = platform_side.launch(client, ROLES=ABSENT)

    assert reply.status_code == 400
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("member", [None, "somebody"])
def test_pages_of_a_launch_may_be_framed_by_anyone_and_others_by_known_lmss_alone(
    platform_side: FakePlatform, client: FlaskClient, browse, carol, session, member
):
    session.commit()
    follow(client, platform_side.launch(client))
    other = browse(carol).client if member else client.application.test_client()

    home = other.get("/")

    policy = home.headers["Content-Security-Policy"]
    assert ("https://moodle.example" in policy) is False
    assert ("frame-ancestors 'self';" in policy) is (member is not None)
