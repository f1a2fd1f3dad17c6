"""Signing in by one-time link, by mail, in the demo; and out."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from peerqa import identity
from peerqa.clock import utc_now
from peerqa.gate import COOKIE
from peerqa.models import OutboxRow, SignIn
from peerqa.models.moderating.rate_count import RateCount
from peerqa.settings import Settings
from tests.web.conftest import text_of


@pytest.fixture
def link(session, alice) -> str:
    token = identity.make_link(session, alice, at=utc_now(), minutes=5)
    session.commit()
    return f"/sign-in/{token}"


@pytest.fixture
def with_mail(app, session, alice, monkeypatch):
    session.commit()
    with_mail = app.extensions["peerqa.settings"].model_copy(update={"smtp_host": "mail.example"})
    monkeypatch.setitem(app.extensions, "peerqa.settings", with_mail)


@pytest.fixture
def demo(app, session, monkeypatch, alice, bob) -> Settings:
    session.commit()
    demo = app.extensions["peerqa.settings"].model_copy(update={"demo": True})
    monkeypatch.setitem(app.extensions, "peerqa.settings", demo)
    monkeypatch.setitem(
        app.extensions, "peerqa.demo_people", lambda session: [("employee", session.merge(alice))]
    )
    return demo


def test_a_link_is_used_by_a_button_not_by_opening_it(app, session, link):
    client = app.test_client()

    for _ in range(2):
        page = client.get(link)
        assert "Sign in as Alice Asker" in text_of(page)
    assert session.scalars(select(SignIn)).all() == []

    entered = client.post(link)
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["Set-Cookie"]
    assert "SameSite=Lax" in entered.headers["Set-Cookie"]
    assert "Signed in as Alice Asker" in text_of(client.get("/"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_was_used_says_so_as_one_that_never_was(app, link, method):
    client = app.test_client()
    client.post(link)

    for path in (link, "/sign-in/never-was", "/sign-in/" + "x" * 3000):
        response = getattr(app.test_client(), method)(path)
        assert response.status_code == 410
        assert "This sign-in link was used already or is too old." in text_of(response)


def test_a_link_from_another_site_is_not_used(app, link):
    response = app.test_client().post(link, headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403


def test_signing_out_ends_the_sign_in(browse, alice):
    browser = browse(alice)

    assert browser.post("/sign-out").status_code == 303
    assert browser.client.get_cookie(COOKIE) is None
    assert browser.get("/").status_code == 401


def test_the_reply_to_a_mail_address_is_the_same_whether_or_not_it_is_known(
    app, session, alice, with_mail
):
    client = app.test_client()
    assert "Send me a sign-in link" in text_of(client.get("/sign-in"))

    known = client.post("/sign-in", data={"email": " Alice@Example.org "})
    unknown = client.post("/sign-in", data={"email": "nobody@example.org"})

    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == "sign-in-mail")).all()
    assert [row.key for row in rows] == [str(alice.id)]


def test_a_mailbox_is_not_filled_by_asking_often(app, session, alice, with_mail):
    for _ in range(5):
        app.test_client().post("/sign-in", data={"email": alice.email})

    rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == "sign-in-mail")).all()
    assert len(rows) == 1


def test_nobody_uses_up_the_mails_of_another(app, session, alice, with_mail, monkeypatch):
    few = app.extensions["peerqa.settings"].model_copy(update={"links_per_hour": 1})
    monkeypatch.setitem(app.extensions, "peerqa.settings", few)
    client = app.test_client()

    told = [client.post("/sign-in", data={"email": alice.email}) for _ in range(3)]
    session.execute(delete(OutboxRow))  # sent meanwhile
    session.commit()
    told.append(client.post("/sign-in", data={"email": alice.email}))

    assert {response.status_code for response in told} == {200}
    assert len({response.text for response in told}) == 1
    assert session.scalars(select(OutboxRow.key)).all() == []
    assert session.scalars(select(RateCount.count)).all() == [1]


@pytest.mark.parametrize("email", ["", "no address", "a@b\nBcc: c@d.example", "x" * 400 + "@y.z"])
def test_what_is_no_address_comes_back(app, session, with_mail, email):
    response = app.test_client().post("/sign-in", data={"email": email})

    assert response.status_code == 422
    assert "This does not look like an e-mail address." in text_of(response)


def test_without_mail_the_page_says_where_links_come_from(app, session):
    page = text_of(app.test_client().get("/sign-in"))

    assert "ask an admin of PeerQA for a sign-in link" in page
    assert "Send me" not in page


def test_the_demo_signs_in_with_one_click_and_goes_where_one_wanted(app, session, alice, demo):
    client = app.test_client()
    page = client.get("/topics/?x=1")
    assert page.status_code == 401
    assert 'name="next" value="/topics/?x=1"' in page.text

    entered = client.post(f"/demo/sign-in/{alice.id}", data={"next": "/topics/?x=1"})

    assert entered.location == "/topics/?x=1"
    assert client.get("/").status_code == 200


def test_only_the_people_of_the_demo_can_be_chosen_and_only_in_the_demo(
    app, session, alice, bob, demo, monkeypatch
):
    client = app.test_client()
    assert client.post(f"/demo/sign-in/{bob.id}").status_code == 404

    monkeypatch.setitem(app.extensions, "peerqa.settings", demo.model_copy(update={"demo": False}))
    assert client.post(f"/demo/sign-in/{alice.id}").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"],
)
def test_one_never_lands_on_another_site(app, session, alice, demo, wanted):
    entered = app.test_client().post(f"/demo/sign-in/{alice.id}", data={"next": wanted})

    assert entered.location == "/"


def test_one_can_sign_out_another_browser(session, browse, alice, bob):
    here, there, stranger = browse(alice), browse(alice), browse(bob)
    page = here.get(f"/members/{alice.id}")
    assert "This browser" in text_of(page)
    assert "Sign out there" in text_of(page)
    other = session.scalars(
        select(SignIn).where(SignIn.member_id == alice.id).order_by(SignIn.id.desc())
    ).first()

    assert stranger.post(f"/profile/sign-ins/{other.id}/end").status_code == 404
    assert here.post(f"/profile/sign-ins/{other.id}/end").status_code == 303
    assert there.get("/").status_code == 401
    assert here.get("/").status_code == 200


def test_a_sign_in_that_is_used_goes_on_and_reading_writes_nothing(session, browse, alice):
    browser = browse(alice)
    row = session.scalars(select(SignIn)).one()
    old = utc_now() - timedelta(days=20)
    row.seen_at = old
    session.commit()

    browser.get("/")
    session.refresh(row)
    assert row.seen_at == old

    response = browser.post("/preview", {"body": "x"})
    session.refresh(row)
    assert row.seen_at > utc_now() - timedelta(minutes=1)
    assert COOKIE in response.headers["Set-Cookie"]
    assert "Set-Cookie" not in browser.post("/preview", {"body": "x"}).headers


def test_signing_out_is_not_undone_by_renewing(session, browse, alice):
    browser = browse(alice)
    row = session.scalars(select(SignIn)).one()
    row.seen_at = utc_now() - timedelta(days=20)
    session.commit()

    browser.post("/sign-out")

    assert browser.client.get_cookie(COOKIE) is None
