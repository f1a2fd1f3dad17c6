"""What goes wrong while an LMS registers itself: a sentence, and nothing half-kept."""

import html
import json

import pytest

from lti.models import Platform
from peerqa.clock import utc_now
from tests.lti.registering.fake_platform import PLATFORM
from tests.lti.registering.lms_admin import TOKEN, begin, confirm, nothing_is_kept
from tests.web.conftest import text_of

FAILURES = [
    ("/openid", 401, b"{}", 502, "begin it again in the LMS"),
    ("/openid", 200, b"<html>Log in</html>", 422, "no configuration"),
    ("/openid", 200, b"[]", 422, "no configuration"),
    ("/openid", 200, b"[" * 50_000, 422, "no configuration"),
]


@pytest.mark.parametrize(("path", "status", "body", "told", "part"), FAILURES)
def test_a_configuration_that_cannot_be_had(
    client, session, invitation, lms, path, status, body, told, part
):
    lms.answers[path] = (status, body)
    page = begin(client, invitation, lms)

    assert page.status_code == told
    assert part in text_of(page)
    assert TOKEN not in page.text
    assert nothing_is_kept(session, invitation)


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("issuer", None, "issuer is no web address"),
        ("jwks_uri", None, "keyset address is no web address"),
        ("token_endpoint", 7, "access token address is no web address"),
        ("authorization_endpoint", "javascript:alert(1)", "login request address"),
        ("registration_endpoint", "https://u:p@lms.example/", "registration address"),
    ],
)
def test_a_configuration_with_something_missing(client, invitation, lms, key, value, part):
    lms.configuration[key] = value
    page = begin(client, invitation, lms)

    assert page.status_code == 422
    assert part in text_of(page)


def test_a_configuration_that_says_only_what_it_must(client, session, invitation, lms):
    for key in ("scopes_supported", "claims_supported", PLATFORM):
        del lms.configuration[key]
    page = confirm(client, begin(client, invitation, lms))

    assert page.status_code == 200
    assert len(lms.registered[0]["scope"].split()) == 4


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (400, {"error": "invalid_redirect_uri", "error_description": "Wrong <b>host</b>"}, "Wrong"),
        (403, {"error": "used"}, "status 403): used"),
        (422, None, "status 422"),
        (200, None, "not with a registration"),
        (200, {"client_id": ""}, "without a client id"),
        (200, {"client_id": ["a"]}, "without a client id"),
        (200, {"client_id": True}, "without a client id"),
        (302, {"client_id": "abc"}, "status 302"),
    ],
)
def test_a_registration_that_the_lms_refuses(client, session, invitation, lms, status, body, part):
    lms.answers["/register"] = (status, b"<html>" if body is None else json.dumps(body).encode())
    page = confirm(client, begin(client, invitation, lms))

    assert page.status_code == 502
    assert part in html.unescape(page.text)
    assert "<b>host" not in page.text
    assert "can be used again" in text_of(page)
    assert nothing_is_kept(session, invitation)


def test_another_host_than_the_issuers_must_be_confirmed(client, session, invitation, lms):
    lms.configuration["issuer"] = "https://moodle.example"
    page = begin(client, invitation, lms)
    assert "Somebody could pretend" in text_of(page)
    assert lms.host in text_of(page)

    refused = confirm(client, page)
    assert refused.status_code == 422
    assert "nobody confirmed" in text_of(refused)
    assert nothing_is_kept(session, invitation)

    assert confirm(client, page, speaks_for="1").status_code == 200
    assert session.query(Platform).one().issuer == "https://moodle.example"


def test_a_known_shared_issuer_still_wants_a_host_of_its_vendor(client, invitation, lms):
    lms.configuration["issuer"] = "https://canvas.instructure.com"

    assert "Somebody could pretend" in text_of(begin(client, invitation, lms))


@pytest.mark.parametrize(
    ("name", "value"),
    [("plan", "e30="), ("plan", "no"), ("until", "2040-01-01"), ("until", "2040-01-01T00:00:00Z"),
     ("signature", "0" * 64), ("signature", "é"), ("registration_token", "mine"),
     ("invitation", "mine")],
)  # fmt: skip
def test_a_form_that_was_changed_does_nothing(client, session, invitation, lms, name, value):
    page = confirm(client, begin(client, invitation, lms), **{name: value})

    assert page.status_code == 422
    assert "not made here" in text_of(page)
    assert lms.registered == []
    assert nothing_is_kept(session, invitation)


def test_a_form_lasts_an_hour(client, invitation, lms, monkeypatch):
    from datetime import timedelta

    page = begin(client, invitation, lms)
    later = utc_now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr("lti.connecting.registering.utc_now", lambda: later)

    assert confirm(client, page).status_code == 422


def test_an_lms_that_is_away_is_said_to_be(client, session, invitation, lms):
    page = begin(client, invitation, lms)
    lms.configuration["registration_endpoint"] = "http://127.0.0.1:1/register"
    away = begin(client, invitation, lms)

    assert confirm(client, away).status_code in {502, 503}
    assert nothing_is_kept(session, invitation)
    assert confirm(client, page).status_code == 200


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://10.0.0.1/openid", "private network"),
        ("https://[::ffff:127.0.0.1]/openid", "private network"),
        ("http://moodle.example/openid", "must begin with https"),
        ("file:///etc/passwd", "no web address"),
    ],
)
def test_addresses_that_nobody_outside_may_have_called(
    app, session, invitation, url, part, monkeypatch
):
    settings = app.extensions["peerqa.settings"]
    public = settings.model_copy(update={"public_url": "https://ask.example.org"})
    monkeypatch.setitem(app.extensions, "peerqa.settings", public)
    page = app.test_client().get(
        "/lti/register", query_string={"invitation": invitation, "openid_configuration": url}
    )

    assert page.status_code >= 400
    assert part in text_of(page)
    assert nothing_is_kept(session, invitation)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[64:ff9b::a00:1]", "[::]"])
def test_a_registration_endpoint_on_a_private_network_is_not_called(
    client, session, invitation, lms, host
):
    lms.configuration["registration_endpoint"] = f"https://{host}/register"
    page = confirm(client, begin(client, invitation, lms))

    assert page.status_code == 422
    assert "private network" in text_of(page)
    assert nothing_is_kept(session, invitation)


def test_without_an_https_address_nothing_is_registered(app, session, invitation):
    page = app.test_client().get("/lti/register", query_string={"invitation": invitation})

    assert page.status_code == 422
    assert "PEERQA_PUBLIC_URL" in text_of(page)
    assert nothing_is_kept(session, invitation)
