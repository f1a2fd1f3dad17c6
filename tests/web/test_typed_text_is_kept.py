"""What was typed outlives an ended sign-in, a stale page and a database that is away."""

import html
import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from peerqa.database import db
from peerqa.gate import COOKIE
from peerqa.models import Post
from peerqa.services import answers, questions
from tests.web.conftest import text_of

TYPED = "I typed this for\n\nten minutes & more <b>"


def forms(question, space):
    """Every form with a text to lose: its path and fields."""
    return {
        "ask": ("/ask", {"title": "A long enough title", "body": TYPED, "space": space.id}),
        "answer": (f"/questions/{question.id}/answers", {"body": TYPED}),
        "comment": (f"/posts/{question.id}/comments", {"body": TYPED}),
        "edit": (
            f"/questions/{question.id}/edit",
            {"title": "Another title", "body": TYPED, "topics": "", "version": "1"},
        ),
        "about": ("/profile", {"about": TYPED}),
    }


KINDS = ["ask", "answer", "comment", "edit", "about"]


def press_continue(client, page):
    """Send the form that carries what was typed, as a browser would."""
    action = html.unescape(
        re.search(r'<form method="post" action="([^"]*resume=1)"', page).group(1)
    )
    form = page[page.index("resume=1") :]
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return client.post(action, data={name: html.unescape(value) for name, value in fields})


def count_posts(session) -> int:
    return session.scalar(select(func.count()).select_from(Post))


@pytest.mark.parametrize("kind", KINDS)
def test_after_signing_in_in_another_tab_one_click_brings_it_back(
    session, browse, alice, space, question, kind
):
    browser = browse(alice)
    path, fields = forms(question, space)[kind]
    cookie = browser.client.get_cookie(COOKIE).value
    browser.client.delete_cookie(COOKIE)
    before = count_posts(session)

    refused = browser.client.post(path, data=fields)
    assert refused.status_code == 401
    assert "Nothing is lost" in text_of(refused)
    again = press_continue(browser.client, refused.text)
    assert again.status_code == 401, "still signed out: the page carries it on"

    browser.client.set_cookie(COOKIE, cookie)
    form = press_continue(browser.client, again.text)

    assert form.status_code == 200
    assert html.escape(TYPED, quote=False) in form.text.replace("\r\n", "\n")
    assert browser.csrf_token in form.text
    assert count_posts(session) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_an_earlier_sign_in_brings_it_back(session, browse, alice, space, question, kind):
    browser = browse(alice)
    path, fields = forms(question, space)[kind]
    before = count_posts(session)

    refused = browser.client.post(path, data={**fields, "csrf_token": "of another sign-in"})
    assert refused.status_code == 403
    assert "This page belongs to an earlier sign-in." in text_of(refused)
    form = press_continue(browser.client, refused.text)

    assert form.status_code == 200
    assert html.escape(TYPED, quote=False) in form.text
    assert browser.csrf_token in form.text
    assert count_posts(session) == before


@pytest.mark.parametrize("kind", ["ask", "answer"])
def test_a_database_that_is_away_takes_nothing_typed_with_it(
    session, browse, alice, space, question, kind, monkeypatch
):
    def away(*_args, **_more):
        raise OperationalError("INSERT …", {}, Exception("database or disk is full"))

    browser = browse(alice)
    path, fields = forms(question, space)[kind]
    monkeypatch.setattr(questions, "post_question", away)
    monkeypatch.setattr(answers, "post_answer", away)

    refused = browser.post(path, fields)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert "disk is full" not in refused.text
    form = press_continue(browser.client, refused.text)

    assert html.escape(TYPED, quote=False) in form.text


def test_another_site_gets_nothing_typed_into_our_pages(browse, alice, question):
    refused = browse(alice).post(
        f"/questions/{question.id}/answers",
        {"body": "planted"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert refused.status_code == 403
    assert "planted" not in refused.text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://e.x"}])
def test_another_site_cannot_resume_either(browse, alice, question, headers):
    refused = browse(alice).post(
        f"/questions/{question.id}/answers?resume=1", {"body": "planted"}, headers=headers
    )

    assert refused.status_code == 403
    assert "planted" not in refused.text


def test_resuming_a_form_of_a_question_that_went_is_not_found(browse, alice):
    assert browse(alice).post("/questions/12345/answers?resume=1").status_code == 404


def test_a_vote_has_no_text_and_cannot_be_resumed(session, browse, bob, question):
    browser = browse(bob)

    refused = browser.client.post(f"/posts/{question.id}/vote?resume=1", data={"wanted": "1"})

    assert refused.status_code == 403
    session.refresh(question)
    assert question.vote_count == 0


def test_an_htmx_piece_says_it_in_a_piece(app, session, question):
    session.commit()
    refused = app.test_client().post(
        f"/posts/{question.id}/vote", data={"wanted": "1"}, headers={"HX-Request": "true"}
    )

    assert refused.status_code == 401
    assert "<html" not in refused.text
    assert "Please sign in to go on." in text_of(refused)
    db.session.rollback()
