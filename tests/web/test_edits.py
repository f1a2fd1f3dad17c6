"""Editing and taking back: own posts, stewards, conflicts that never overwrite."""

import re

import pytest

from peerqa.services import answers, comments
from tests.conftest import NOON
from tests.web.conftest import field_value, text_of


@pytest.fixture
def comment(session, question, bob):
    made = comments.post_comment(session, parent=question, author=bob, body="Me too.", at=NOON)
    session.commit()
    return made


def test_a_question_is_edited_by_its_asker(session, browse, alice, question):
    browser = browse(alice)
    form = browser.get(f"/questions/{question.id}/edit")
    assert field_value(form, "title") == question.title

    response = browser.post(
        f"/questions/{question.id}/edit",
        {"title": "How do I calm it?", "body": "New", "topics": "calm", "version": "1"},
    )

    assert response.status_code == 303
    page = browser.get(response.location)
    assert "Your changes are saved." in text_of(page)
    assert "How do I calm it?" in page.text


def test_the_second_of_two_edits_sees_both_texts_and_loses_nothing(
    browse, alice, steward, question
):
    first, second = browse(alice), browse(steward)
    path = f"/questions/{question.id}/edit"
    typed = {"title": question.title, "topics": "", "version": "1"}

    assert first.post(path, {**typed, "body": "It blinks green today."}).status_code == 303
    conflict = second.post(path, {**typed, "body": "It blinks <b>blue</b> today."})

    assert conflict.status_code == 409
    assert "Somebody changed this while you were writing." in text_of(conflict)
    assert "deleted: green inserted: &lt;b&gt;blue&lt;/b&gt;" in text_of(conflict)
    assert "Save mine" in conflict.text
    assert "Keep what was saved" in conflict.text
    assert "It blinks &lt;b&gt;blue&lt;/b&gt; today.</textarea>" in conflict.text
    assert field_value(conflict, "version") == "2"

    saved = second.post(path, {**typed, "body": "It blinks blue today.", "version": "2"})
    assert saved.status_code == 303


@pytest.mark.parametrize("kind", ["answers", "comments"])
def test_answers_and_comments_are_edited_the_same_way(request, session, browse, bob, steward, kind):
    post = request.getfixturevalue(kind.removesuffix("s"))
    path = f"/{kind}/{post.id}/edit"
    browser = browse(bob)

    assert post.body in browser.get(path).text
    assert browser.post(path, {"body": "Better.", "version": "1"}).status_code == 303
    conflict = browse(steward).post(path, {"body": "Best.", "version": "1"})
    assert conflict.status_code == 409
    assert "deleted: Better. inserted: Best." in text_of(conflict)
    assert browser.post(path, {"body": "", "version": "2"}).status_code == 422
    assert browser.post(path, {"body": "x", "version": "two"}).status_code == 422
    session.refresh(post)
    assert post.body == "Better."


@pytest.mark.every_case
@pytest.mark.parametrize("kind", ["questions", "answers", "comments"])
def test_strangers_neither_edit_nor_delete(request, session, browse, alice, bob, kind):
    post = request.getfixturevalue(kind.removesuffix("s"))
    stranger = browse(alice if kind != "questions" else bob)

    for act in ("edit", "delete"):
        assert stranger.get(f"/{kind}/{post.id}/{act}").status_code == 403
        data = {"title": "A new title", "body": "x", "topics": "", "version": "1"}
        assert stranger.post(f"/{kind}/{post.id}/{act}", data).status_code == 403
    session.refresh(post)
    assert post.version == 1
    assert post.deleted_at is None


@pytest.mark.every_case
@pytest.mark.parametrize("kind", ["questions", "answers", "comments"])
def test_deleting_asks_first_and_then_it_is_gone(request, browse, alice, bob, question, kind):
    post = request.getfixturevalue(kind.removesuffix("s"))
    browser = browse(alice if kind == "questions" else bob)

    asked = browser.get(f"/{kind}/{post.id}/delete")
    assert re.search("Delete this (question|answer|comment)?", text_of(asked))
    assert browser.post(f"/{kind}/{post.id}/delete").status_code == 303
    assert browser.post(f"/{kind}/{post.id}/delete").status_code == 404
    page = browser.get(f"/questions/{question.id}")
    assert page.status_code == (404 if kind == "questions" else 200)


def test_an_edit_that_cannot_be_taken_comes_back(browse, alice, question):
    response = browse(alice).post(
        f"/questions/{question.id}/edit",
        {"title": "x" * 200, "body": "kept", "topics": "", "version": "1"},
    )

    assert response.status_code == 422
    assert "kept</textarea>" in response.text
    assert field_value(response, "version") == "1"


def test_delete_is_offered_to_those_alone_who_can(session, browse, alice, bob, steward, question):
    path = f"/questions/{question.id}"
    assert f"{path}/delete" in browse(alice).get(path).text

    answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    session.commit()

    assert f"{path}/delete" not in browse(alice).get(path).text
    assert f"{path}/edit" in browse(alice).get(path).text
    assert browse(alice).get(f"{path}/delete").status_code == 403
    assert f"{path}/delete" in browse(steward).get(path).text
