"""S4: what another site makes a browser send does nothing, on every route that could do something.

The routes come from the app's own map, so that a new one is tried too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from peerqa.gate import SAFE_METHODS
from peerqa.models import Member
from tests.conftest import Browser
from tests.statements import noted_statements, writes

Browse = Callable[[Member], Browser]
TYPED = "typed by the person"
CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]


def unsafe_pages(app: Flask, *, with_proof: bool = True) -> list[tuple[str, str, bool]]:
    """Return method, address and whether signed-out people may use it, of all but the API.

    Platforms post launches from their own sites: tests/lti/test_hostile_launches.py.

    Args:
        with_proof: those too whose forms carry a one-time token of their own.
    """
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            continue  # a cookie means nothing there: the last test
        view = app.view_functions[rule.endpoint]
        if getattr(view, "takes_foreign_posts", False):
            continue
        if getattr(view, "carries_proof", False) and not with_proof:
            continue
        audience = getattr(view, "audience", None)
        for method in (rule.methods or set()) - SAFE_METHODS:
            found.append((method, address_of(app, rule), audience == "everyone"))
    assert len(found) > 15
    return found


def address_of(app: Flask, rule: Rule) -> str:
    return str(app.url_map.bind("").build(rule.endpoint, dict.fromkeys(rule.arguments, 1)))


@contextmanager
def nothing_written() -> Iterator[None]:
    with noted_statements() as seen:
        yield
    assert writes(seen) == []


def send(client: FlaskClient, method: str, path: str, token: str, **headers: str):
    return client.open(
        path, method=method, data={"csrf_token": token, "body": TYPED}, headers=headers
    )


@pytest.mark.few_on_postgresql
@pytest.mark.parametrize("headers", CROSS_SITE, ids=lambda h: " ".join(h.values()))
def test_another_site_does_nothing(app: Flask, browse: Browse, alice: Member, headers):
    browser = browse(alice)
    with nothing_written():
        for method, path, _ in unsafe_pages(app):
            reply = send(browser.client, method, path, browser.csrf_token, **headers)
            assert reply.status_code == 403, path
            assert TYPED not in reply.text  # what it sent is not handed on either


@pytest.mark.few_on_postgresql
@pytest.mark.parametrize("headers", CROSS_SITE, ids=lambda h: " ".join(h.values()))
def test_another_site_does_not_sign_anybody_in_or_out(app: Flask, session, headers):
    session.commit()
    client = app.test_client()
    with nothing_written():
        for method, path, is_public in unsafe_pages(app):
            if is_public:
                assert send(client, method, path, "", **headers).status_code == 403, path


@pytest.mark.few_on_postgresql
@pytest.mark.parametrize("token", ["", "0" * 64, "é", "another's"])
def test_a_page_without_this_sign_ins_token_does_nothing(
    app: Flask, browse: Browse, alice: Member, bob: Member, token
):
    browser, other = browse(alice), browse(bob)
    token = other.csrf_token if token == "another's" else token
    with nothing_written():
        for method, path, _ in unsafe_pages(app, with_proof=False):
            assert send(browser.client, method, path, token).status_code == 403, path


def test_the_token_of_another_browser_of_the_same_person_does_nothing(
    app: Flask, browse: Browse, alice: Member
):
    browser, other = browse(alice), browse(alice)
    with nothing_written():
        for method, path, _ in unsafe_pages(app, with_proof=False):
            assert send(browser.client, method, path, other.csrf_token).status_code == 403, path


def test_showing_a_form_again_needs_no_token_and_writes_nothing(
    app: Flask, browse: Browse, alice: Member, question
):
    browser = browse(alice)
    with nothing_written():
        for method, path, _ in unsafe_pages(app):
            send(browser.client, method, f"{path}?resume=1", "")


def test_another_site_cannot_have_a_form_filled_in(app: Flask, browse: Browse, alice: Member):
    browser = browse(alice)
    for method, path, _ in unsafe_pages(app):
        reply = send(browser.client, method, f"{path}?resume=1", "", Origin="https://evil.example")
        assert reply.status_code == 403, path
        assert TYPED not in reply.text


def test_the_api_takes_no_cookie(app: Flask, browse: Browse, alice: Member):
    browser = browse(alice)
    unsafe = [
        (method, address_of(app, rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - SAFE_METHODS
    ]
    assert len(unsafe) > 10
    with nothing_written():
        for method, path in unsafe:
            reply = browser.client.open(
                path, method=method, json={}, headers={"X-CSRF-Token": browser.csrf_token}
            )
            assert reply.status_code == 401, path
