"""Edits as a request makes them: of posts that were read together with their authors."""

import pytest

from peerqa.services import answers, questions
from peerqa.services.posts import EditConflict
from tests.conftest import NOON


def test_of_two_edits_from_one_text_the_second_is_told_the_present_one(
    session, question, alice, bob
):
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    session.commit()
    session.expunge_all()

    read = answers.get_answer(session, bob, answer.id)
    answers.edit_answer(session, answer=read, by=bob, body="Two.", version=1, at=NOON)
    with pytest.raises(EditConflict) as conflict:
        answers.edit_answer(session, answer=read, by=bob, body="Three.", version=1, at=NOON)

    assert (conflict.value.present.version, conflict.value.present.body) == (2, "Two.")


def test_a_question_that_was_read_with_all_its_parts_is_edited(session, question, alice):
    session.commit()
    session.expunge_all()

    read = questions.get_question(session, alice, question.id)
    questions.edit_question(
        session,
        question=read,
        by=alice,
        title="How is the label printer reset?",
        body="",
        topic_names=["printer"],
        version=1,
        at=NOON,
    )

    assert (read.version, [topic.name for topic in read.topics]) == (2, ["printer"])


def test_an_answer_that_is_taken_back_twice_is_counted_once(session, question, alice, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    session.commit()
    session.expunge_all()

    read = answers.get_answer(session, bob, answer.id)
    for _ in range(2):
        answers.delete_answer(session, answer=read, by=bob, at=NOON)

    assert read.question.answer_count == 0
