"""The page of a question: reading, answering, accepting, voting, comments, duplicates."""

import pytest
from sqlalchemy import func, select

from peerqa.models import Answer, Comment
from peerqa.services import answers, comments, questions
from tests.conftest import NOON
from tests.web.conftest import make_hit, text_of


def test_the_accepted_answer_comes_first(session, browse, alice, bob, question, answer):
    better = answers.post_answer(session, question=question, author=alice, body="Found.", at=NOON)
    answers.accept_answer(session, answer=better, by=alice, at=NOON)
    session.commit()

    page = browse(bob).get(f"/questions/{question.id}")

    assert page.status_code == 200
    assert page.text.index("Found.") < page.text.index("Hold the feed button")
    assert "This solved it for Alice Asker" in text_of(page)
    assert "2 answers" in text_of(page)


def test_an_open_question_invites_an_answer(browse, bob, question):
    page = text_of(browse(bob).get(f"/questions/{question.id}"))

    assert "Still open" in page
    assert "If you know a part of it, that helps too." in page


def test_an_answer_is_given_once_however_often_it_is_sent(session, browse, bob, question):
    browser = browse(bob)
    path = f"/questions/{question.id}/answers"

    first = browser.post(path, {"body": "Ask HR."})
    browser.post(path, {"body": "Ask HR."})

    assert first.status_code == 303
    assert "#post-" in first.location
    assert "Your answer is there." in text_of(browser.get(first.location))
    assert session.scalar(select(func.count()).select_from(Answer)) == 1


@pytest.mark.parametrize("body", ["", "   ", "x" * 20_001])
def test_an_answer_that_cannot_be_taken_comes_back(browse, bob, question, body):
    response = browse(bob).post(f"/questions/{question.id}/answers", {"body": body})

    assert response.status_code == 422
    assert 'aria-invalid="true" autofocus aria-describedby="body-refused' in response.text


def test_an_answer_can_be_previewed_without_javascript(session, browse, bob, question):
    response = browse(bob).post(
        f"/questions/{question.id}/answers", {"body": "**bold**", "step": "preview"}
    )

    assert "<strong>bold</strong>" in response.text
    assert session.scalar(select(func.count()).select_from(Answer)) == 0


def test_the_asker_accepts_and_takes_it_back(session, browse, alice, question, answer):
    browser = browse(alice)

    assert browser.post(f"/answers/{answer.id}/accept", {"wanted": "1"}).status_code == 303
    assert question.accepted_id == answer.id
    browser.post(f"/answers/{answer.id}/accept", {"wanted": "1"})
    assert question.accepted_id == answer.id
    browser.post(f"/answers/{answer.id}/accept", {"wanted": "0"})
    assert question.accepted_id is None


def test_others_are_not_offered_to_accept_and_may_not(browse, bob, question, answer):
    browser = browse(bob)

    assert f"/answers/{answer.id}/accept" not in browser.get(f"/questions/{question.id}").text
    refused = browser.post(f"/answers/{answer.id}/accept", {"wanted": "1"})
    assert refused.status_code == 403
    assert "Only the person who asked can accept an answer." in text_of(refused)


def test_a_vote_sets_a_value_and_never_toggles(session, browse, bob, question):
    browser = browse(bob)
    path = f"/posts/{question.id}/vote"

    for _ in range(2):
        assert browser.post(path, {"wanted": "1"}).status_code == 303
    session.refresh(question)
    assert question.vote_count == 1

    fragment = browser.post(path, {"wanted": "0"}, headers={"HX-Request": "true"})
    assert 'aria-pressed="false"' in fragment.text
    assert "<html" not in fragment.text
    session.refresh(question)
    assert question.vote_count == 0


@pytest.mark.parametrize("wanted", ["", "2", "yes", "-1", None])
def test_a_vote_that_says_nothing_is_refused(browse, bob, question, wanted):
    data = {} if wanted is None else {"wanted": wanted}

    assert browse(bob).post(f"/posts/{question.id}/vote", data).status_code == 422


def test_nobody_votes_for_their_own(browse, alice, question):
    browser = browse(alice)

    assert f"/posts/{question.id}/vote" not in browser.get(f"/questions/{question.id}").text
    assert browser.post(f"/posts/{question.id}/vote", {"wanted": "1"}).status_code == 403


def test_a_comment_stands_under_its_post(session, browse, bob, question, answer):
    browser = browse(bob)

    for _ in range(2):
        response = browser.post(f"/posts/{answer.id}/comments", {"body": "One `blink` is enough."})

    assert response.status_code == 303
    assert "One <code>blink</code> is enough." in browser.get(response.location).text
    assert session.scalar(select(func.count()).select_from(Comment)) == 1


def test_a_comment_that_is_too_long_comes_back_open(browse, bob, question):
    response = browse(bob).post(f"/posts/{question.id}/comments", {"body": "kept " * 300})

    assert response.status_code == 422
    assert "Longer ones make good answers." in text_of(response)
    assert '<details class="commenting" open>' in response.text
    assert "kept kept" in response.text


def test_a_reader_who_came_from_a_hit_sees_the_sentence_and_is_asked(
    browse, alice, bob, question, answer, shelf
):
    shelf.hits = [make_hit(question, answer)]
    browser = browse(bob)
    found = browser.get("/ask/similar", query_string={"title": "label printer shifted"}).text
    address = found.split('<h3><a href="')[1].split('"')[0].replace("&amp;", "&")

    page = browser.get(address.partition("#")[0])

    assert "<mark>Hold the feed button until the light blinks twice.</mark>" in page.text
    assert "Is this what you were looking for?" in text_of(page)


@pytest.mark.parametrize(
    ("start", "end"),
    [("0", "99999999999"), ("-5", "9"), ("9", "2"), ("x", "y"), ("0", ""), ("5", "5000000")],
)
def test_a_damaged_passage_marks_at_most_the_answer(browse, bob, question, answer, start, end):
    page = browse(bob).get(
        f"/questions/{question.id}",
        query_string={"answer": answer.id, "start": start, "end": end, "hit": "forged"},
    )

    assert page.status_code == 200
    assert "Hold the feed button" in text_of(page)
    assert "Is this what you were looking for?" not in text_of(page)


def test_near_questions_stand_beside_without_itself(session, browse, bob, alice, space, shelf):
    one = questions.post_question(session, space=space, author=alice, title="One label", at=NOON)
    two = questions.post_question(session, space=space, author=alice, title="Two labels", at=NOON)
    session.commit()
    shelf.hits, shelf.related = [make_hit(one)], [make_hit(two, state=None)]

    browser = browse(bob)

    assert f'hx-get="/questions/{one.id}/near"' in browser.get(f"/questions/{one.id}").text
    page = browser.get(f"/questions/{one.id}/near")
    assert "Near this" in text_of(page)
    assert page.text.count(f'href="/questions/{two.id}"') == 1
    assert f'href="/questions/{one.id}"' not in page.text


def test_a_steward_marks_a_duplicate_by_address_or_number(
    session, browse, steward, alice, space, question
):
    for given in ("{id}", "http://localhost/questions/{id}", "/questions/{id}?said=asked#post-1"):
        other = questions.post_question(
            session, space=space, author=alice, title=f"Again {given}", at=NOON
        )
        session.commit()
        browser = browse(steward)
        given = given.format(id=question.id)
        response = browser.post(f"/questions/{other.id}/duplicate", {"of": given})
        assert response.status_code == 303
        assert "This was asked before:" in text_of(browser.get(f"/questions/{other.id}"))


def test_a_duplicate_does_not_tell_the_title_of_what_is_gone(
    session, browse, steward, bob, space, question
):
    other = questions.post_question(session, space=space, author=bob, title="Again this", at=NOON)
    questions.mark_duplicate(session, question=other, of=question, by=steward, at=NOON)
    questions.delete_question(session, question=question, by=steward, at=NOON)
    session.commit()

    page = text_of(browse(bob).get(f"/questions/{other.id}"))

    assert "Again this" in page
    assert question.title not in page


@pytest.mark.parametrize(
    ("of", "status"), [("", 422), ("abc", 422), ("99999999999", 422), ("12345678", 404)]
)
def test_a_duplicate_of_nothing_is_refused(browse, steward, question, of, status):
    response = browse(steward).post(f"/questions/{question.id}/duplicate", {"of": of})

    assert response.status_code == status


def test_only_stewards_mark_duplicates(browse, bob, question):
    browser = browse(bob)

    assert "For stewards" not in text_of(browser.get(f"/questions/{question.id}"))
    response = browser.post(f"/questions/{question.id}/duplicate", {"of": str(question.id)})
    assert response.status_code == 403


def test_a_duplicate_asks_for_answers_at_the_first(session, browse, bob, steward, alice, space):
    first = questions.post_question(session, space=space, author=alice, title="First", at=NOON)
    second = questions.post_question(session, space=space, author=alice, title="Second", at=NOON)
    questions.mark_duplicate(session, question=second, of=first, by=steward, at=NOON)
    session.commit()

    page = browse(bob).get(f"/questions/{second.id}")

    assert "Answers are best given at the earlier question." in text_of(page)
    assert 'id="answer"' not in page.text


def test_people_helped_stands_beside_the_name(session, browse, alice, question, answer):
    browse(alice).post(f"/posts/{answer.id}/vote", {"wanted": "1"})

    assert "1 person helped" in text_of(browse(alice).get(f"/questions/{question.id}"))


def test_the_thread_of_an_imported_post_without_author_is_readable(
    session, browse, bob, question, answer
):
    comments.post_comment(session, parent=answer, author=bob, body="Yes.", at=NOON)
    question.author = answer.author = None
    session.commit()

    page = browse(bob).get(f"/questions/{question.id}")

    assert page.status_code == 200
    assert "A colleague" in text_of(page)
