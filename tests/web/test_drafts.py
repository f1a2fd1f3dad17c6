"""Drafts at the front door: what a page saves, shows again, and what is gone after posting."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.clock import utc_now
from peerqa.models import Draft
from tests.web.conftest import field_value, text_of

TITLE = "Labels come out shifted to the left"


@pytest.fixture
def later(monkeypatch):
    """Return a function that lets ten seconds pass for the next save."""
    passed = [0]

    def go_on():
        passed[0] += 10
        monkeypatch.setattr(
            "peerqa.web.asking.drafts.utc_now", lambda: utc_now() + timedelta(seconds=passed[0])
        )

    return go_on


def save(browser, **fields):
    return browser.post("/drafts", {"place": "ask", "draft_version": 0, **fields})


def count(session) -> int:
    return session.scalar(select(func.count()).select_from(Draft))


def test_a_question_that_was_begun_is_there_on_the_next_visit(browse, alice, bob):
    browser = browse(alice)
    fields = {"title": TITLE, "body": "Since\r\nMonday.", "topics": "labels", "visibility": "space"}

    assert save(browser, **fields).json == {"version": 1}

    page = browse(alice).get("/ask")  # on another device
    assert field_value(page, "title") == TITLE
    assert field_value(page, "draft_version") == "1"
    assert "Since\nMonday." in page.text
    assert 'value="space" checked' in page.text
    assert TITLE not in browse(bob).get("/ask").text


def test_another_question_does_not_overwrite_what_was_begun(session, browse, alice, later):
    browser = browse(alice)
    save(browser, title=TITLE)

    page = browser.get("/ask?title=Where+is+the+key")
    assert "You have begun another question: " + TITLE in text_of(page)
    assert field_value(page, "draft_version") == "0"
    later()
    reply = save(browser, title="Where is the key?")
    assert reply.status_code == 409
    assert reply.json["version"] == 1
    assert reply.json["text"]["title"] == TITLE


def test_an_answer_that_was_begun_is_in_its_form(browse, alice, bob, question, answer):
    browser = browse(bob)

    save(browser, place=f"answer-{question.id}", body="It might be the ribbon.")

    assert "It might be the ribbon." in browser.get(f"/questions/{question.id}").text
    assert "the ribbon" not in browse(alice).get(f"/questions/{question.id}").text


def test_posting_discards_the_draft_and_a_refusal_keeps_it(session, browse, alice, space):
    browser = browse(alice)
    save(browser, title=TITLE)

    assert browser.post("/ask", {"title": "Hm", "space": space.id}).status_code == 422
    assert count(session) == 1
    assert browser.post("/ask", {"title": TITLE, "space": space.id}).status_code == 303
    assert count(session) == 0


def test_posting_an_answer_discards_its_draft(session, browse, bob, question):
    browser = browse(bob)
    save(browser, place=f"answer-{question.id}", body="Press fee")

    browser.post(f"/questions/{question.id}/answers", {"body": "Press feed."})

    assert count(session) == 0


def test_saving_too_fast_is_429_and_changes_nothing(session, browse, alice):
    browser = browse(alice)
    save(browser, title=TITLE)

    reply = save(browser, title=TITLE + "!", draft_version=1)

    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "1")
    assert field_value(browser.get("/ask"), "title") == TITLE


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"place": "nowhere"}, 422),
        ({"place": "answer-4711"}, 404),
        ({"body": "x" * 40_001}, 422),
        ({"draft_version": "-1"}, 200),
        ({"draft_version": "x" * 5000}, 200),
        ({"body": "x" * 1_000_001}, 413),
    ],
)
def test_what_cannot_be_kept_is_refused(browse, alice, fields, status):
    assert save(browse(alice), **{"title": TITLE, **fields}).status_code == status


def test_signed_out_nothing_is_saved(app, session):
    assert app.test_client().post("/drafts", data={"title": TITLE}).status_code == 401
    assert count(session) == 0


def test_a_draft_is_discarded_by_its_button(session, browse, alice, bob, question):
    browser = browse(alice)
    save(browser, title=TITLE)
    save(browse(bob), place=f"answer-{question.id}", body="So.")

    gone = browser.post("/drafts/discard", {"place": "ask"})

    assert "The draft is discarded." in text_of(browser.get(gone.location))
    assert count(session) == 1
    elsewhere = browse(bob).post("/drafts/discard", {"place": f"answer-{question.id}"})
    assert elsewhere.location.startswith(f"/questions/{question.id}")
    assert count(session) == 0


def test_the_page_that_says_it_is_posted_clears_the_copy_in_this_persons_browser(
    browse, alice, space
):
    browser = browse(alice)

    page = browser.get(browser.post("/ask", {"title": TITLE, "space": space.id}).location)

    assert f'data-owner="{alice.id}" data-clears-draft="ask"' in page.text
