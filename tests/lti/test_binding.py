"""Whose browser a launch is: by cookie, by the platform's storage, else in a tab of its own."""

from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lti.models import Account, LaunchRecord, Login
from peerqa.app import create_app
from peerqa.database import db
from peerqa.gate import COOKIE
from peerqa.models import OneTimeLink, SignIn
from tests.conftest import NOON
from tests.lti.hostile_states import FRAME, OUR_PAGE, state_of
from tests.lti.platform import FakePlatform, Outgoing, post
from tests.lti.test_launches import follow


def value_in(text: str, name: str) -> str:
    """Return what stands in an attribute or in a field of the page."""
    for opening in (f'{name}="', f'name="{name}" value="'):
        if opening in text:
            return unescape(text.partition(opening)[2].partition('"')[0])
    raise AssertionError(name)


def test_with_a_storage_the_login_is_a_page_that_works_without_javascript_too(
    platform_side: FakePlatform, client: FlaskClient
):
    page = platform_side.begin(client, method="POST", **FRAME).reply

    assert page.status_code == 200
    assert value_in(page.text, "data-origin") == "https://moodle.example"
    assert value_in(page.text, "data-frame") == "_parent"
    assert value_in(page.text, "href").startswith("/")  # the skip link and the style come first
    address = value_in(page.text, "data-address")
    assert address.startswith(platform_side.authorization_url)
    assert f'href="{address}"'.replace("&", "&amp;") in page.text
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def launch_unbound(platform: FakePlatform, client: FlaskClient, other: FlaskClient, **more: str):
    """Log in, and launch where the cookie of the login does not come along."""
    page = platform.begin(client, method="POST", **FRAME).reply
    state, nonce = state_of(page)
    token = platform.sign(platform.claims(nonce))
    return post(other, token, state, **more), token, state


@pytest.mark.parametrize("headers", [OUR_PAGE, {"Origin": "http://localhost"}], ids=str)
def test_a_launch_without_its_cookie_asks_the_platforms_storage_and_then_works(
    platform_side: FakePlatform, client: FlaskClient, app, session, headers
):
    other = app.test_client()
    page, token, state = launch_unbound(platform_side, client, other)

    assert page.status_code == 200
    assert value_in(page.text, "data-origin") == "https://moodle.example"
    assert f"/lti/login?again={state}" in page.text
    assert "<noscript>" in page.text
    assert session.scalars(select(Login.used_at)).all() == [None]
    assert session.scalars(select(Account)).all() == []

    again = post(other, token, state, binding="storage", headers=headers)

    assert follow(other, again).status_code == 200


def test_an_unbound_launch_begins_anew_in_a_tab_and_works_there(
    platform_side: FakePlatform, client: FlaskClient, app, session
):
    framed, tab = app.test_client(), app.test_client()
    sent = platform_side.begin(client, lti_deployment_id="1")
    page = post(framed, platform_side.sign(platform_side.claims(sent.nonce)), sent.state)
    assert page.status_code == 403
    assert session.scalars(select(Login.used_at)).one() is not None
    assert session.scalars(select(LaunchRecord.code)).all() == ["browser-not-bound"]

    again = FakePlatform.read(tab.get(value_in(page.text, 'class="button main" href')))

    assert again.state != sent.state
    kept = {name: again.query[name] for name in ("login_hint", "lti_message_hint")}
    assert kept == {"login_hint": "hint-1", "lti_message_hint": "message-1"}
    reply = post(tab, platform_side.sign(platform_side.claims(again.nonce)), again.state)
    assert follow(tab, reply).status_code == 200


def test_where_the_sign_in_cookie_does_not_come_back_a_button_opens_a_tab(
    platform_side: FakePlatform, client: FlaskClient, app
):
    launched = platform_side.launch(client)
    client.delete_cookie(COOKIE)
    page = client.get(launched.headers["Location"])

    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://moodle.example;" in policy
    assert 'target="_blank"' in page.text
    tab = app.test_client()
    entered = tab.post(
        value_in(page.text, 'method="post" action'),
        data={"next": value_in(page.text, "next")},
        headers=OUR_PAGE,
    )
    assert entered.headers["Location"].startswith("/lti/settled?next=")
    settled = tab.get(entered.headers["Location"])
    assert settled.status_code == 303
    assert "Brakes and lights" in tab.get(settled.headers["Location"]).text


def test_a_tab_of_another_person_is_replaced(
    platform_side: FakePlatform, client: FlaskClient, browse, alice, session
):
    session.commit()
    browser = browse(alice)
    launched = platform_side.launch(client)
    client.delete_cookie(COOKIE)
    page = client.get(launched.headers["Location"])

    entered = browser.client.post(
        value_in(page.text, 'method="post" action'),
        data={"next": "/"},
        headers=OUR_PAGE,
    )

    assert entered.status_code == 303
    assert "Signed in as Lena Learner" in browser.get("/").text
    ended = select(SignIn.ended_at).where(SignIn.member_id == alice.id)
    assert session.scalars(ended).one() is not None
    stale = browser.post("/profile", {"about": "Typed in Alice's old tab."})
    assert stale.status_code == 403
    assert "earlier sign-in" in stale.text


def test_a_browser_that_blocks_every_cookie_is_told_so(app):
    page = app.test_client().get("/lti/settled?next=/")

    assert page.status_code == 200
    assert "blocks every cookie" in page.text


def test_reload_and_back_are_harmless_and_old_pages_lead_back_to_the_course(
    platform_side: FakePlatform, client: FlaskClient, app, session
):
    launched = platform_side.launch(client)
    address = launched.headers["Location"]
    for _ in range(3):
        assert client.get(address).status_code == 303
    session.execute(update(OneTimeLink).values(expires_at=NOON))
    session.commit()
    assert client.get(address).status_code == 303

    late = app.test_client().get(address)

    assert late.status_code == 410
    assert "Go back to the course" in late.text


def test_no_address_signs_anybody_in(platform_side: FakePlatform, client: FlaskClient, app):
    launched = platform_side.launch(client)
    thief = app.test_client()

    thief.get(launched.headers["Location"])

    assert thief.get("/").status_code == 401


def test_the_cookie_of_the_login_is_removed_by_its_launch(
    platform_side: FakePlatform, client: FlaskClient
):
    reply = platform_side.launch(client)

    gone = [c for c in reply.headers.getlist("Set-Cookie") if c.startswith("peerqa_lti_")]
    assert len(gone) == 1
    for word in ("Max-Age=0", "Path=/lti", "Partitioned", "Secure"):
        assert word in gone[0]


def test_a_browser_with_many_logins_under_way_forgets_the_surplus(
    platform_side: FakePlatform, client: FlaskClient
):
    for _ in range(30):
        last = platform_side.begin(client)

    assert len([name for name in last.reply.request.headers["Cookie"].split(";")]) <= 24


def test_a_double_submit_makes_one_member_and_says_how_to_go_on(
    platform_side: FakePlatform, client: FlaskClient, session
):
    sent = platform_side.begin(client)
    token = platform_side.sign(platform_side.claims(sent.nonce))
    first = post(client, token, sent.state)

    second = post(client, token, sent.state)

    assert second.status_code == 409
    assert "Go on as Lena Learner" in second.text
    assert follow(client, first).status_code == 200
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_a_restart_between_login_and_launch_changes_nothing(
    platform_side: FakePlatform, client: FlaskClient, app, settings, outgoing: Outgoing
):
    sent = platform_side.begin(client)
    restarted = create_app(settings)
    restarted.extensions["peerqa.outgoing"] = outgoing
    later = restarted.test_client()
    for name in ("peerqa_browser", sent.reply.headers["Set-Cookie"].partition("=")[0]):
        cookie = client.get_cookie(name, path="/lti")
        assert cookie is not None
        later.set_cookie(name, cookie.value, path="/lti")
    db.session.remove()

    reply = post(later, platform_side.sign(platform_side.claims(sent.nonce)), sent.state)

    assert reply.status_code == 303


def test_two_boards_opened_at_once_take_each_others_forms(
    platform_side: FakePlatform, client: FlaskClient, session
):
    """Two frames of a fresh browser: the second makes no page of the first one stale."""
    first, second = platform_side.begin(client), platform_side.begin(client)
    tokens = [platform_side.sign(platform_side.claims(sent.nonce)) for sent in (first, second)]
    page = follow(client, post(client, tokens[0], first.state))
    csrf_token = value_in(page.text, "csrf_token")
    client.delete_cookie(COOKIE)  # the other launch was under way before the first one answered

    follow(client, post(client, tokens[1], second.state))

    said = client.post("/profile", data={"about": "Fine.", "csrf_token": csrf_token})
    assert said.status_code == 303
    assert session.scalar(select(func.count()).select_from(SignIn)) == 2


def test_old_logins_and_old_log_rows_are_deleted_by_the_timer(
    platform_side: FakePlatform, client: FlaskClient, app, session
):
    platform_side.launch(client)
    session.execute(update(Login).values(expires_at=NOON))
    session.execute(update(LaunchRecord).values(at=NOON))
    session.commit()
    (timer,) = (t for t in app.extensions["peerqa.timers"] if t.name == "old-launches")

    timer.act()

    assert session.scalar(select(func.count()).select_from(Login)) == 0
    assert session.scalar(select(func.count()).select_from(LaunchRecord)) == 0
