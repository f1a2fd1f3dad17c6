from datetime import timedelta

import pytest

from peerqa.errors import NotAllowed, NotFound
from peerqa.services import answers
from peerqa.services.notifications import list_unread
from peerqa.services.posts import EditConflict
from tests.conftest import NOON


def test_the_asker_hears_of_an_answer_once(session, question, bob):
    answers.post_answer(session, question=question, author=bob, body="Ask HR.", at=NOON)
    answers.post_answer(session, question=question, author=bob, body="Or me.", at=NOON)

    assert [n.reason for n in list_unread(session, question.author)] == ["answered"]


def test_accepting_tells_the_author_and_twice_is_once(session, question, alice, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="Yes.", at=NOON)

    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)

    assert question.accepted_id == answer.id
    assert [n.reason for n in list_unread(session, bob)] == ["accepted"]


def test_only_the_asker_and_stewards_accept(session, question, bob, steward):
    answer = answers.post_answer(session, question=question, author=bob, body="Yes.", at=NOON)

    with pytest.raises(NotAllowed):
        answers.accept_answer(session, answer=answer, by=bob, at=NOON)
    answers.accept_answer(session, answer=answer, by=steward, at=NOON + timedelta(days=7))

    assert question.is_solved


def test_a_foreign_member_can_neither_see_nor_answer(session, question, bob, carol):
    answer = answers.post_answer(session, question=question, author=bob, body="Yes.", at=NOON)

    with pytest.raises(NotFound):
        answers.get_answer(session, carol, answer.id)
    with pytest.raises(NotAllowed):
        answers.post_answer(session, question=question, author=carol, body="Hi.", at=NOON)


def test_an_edit_from_an_older_text_is_refused(session, question, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    answers.edit_answer(session, answer=answer, by=bob, body="Two.", version=1, at=NOON)

    with pytest.raises(EditConflict):
        answers.edit_answer(session, answer=answer, by=bob, body="Three.", version=1, at=NOON)

    assert answer.body == "Two."


def test_deleting_the_accepted_answer_opens_the_question_again(session, question, alice, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="Yes.", at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)

    answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    assert not question.is_solved
    assert question.answer_count == 0
    assert answers.list_answers(session, question) == []
