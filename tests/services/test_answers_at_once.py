"""What two people do at the same moment, played as it is when one had read before the other wrote.

The second still believes what it read; the row is read again, under a lock, before it is decided.
"""

import pytest
from sqlalchemy.orm.attributes import set_committed_value

from peerqa import outbox
from peerqa.errors import Invalid, NotAllowed, NotFound
from peerqa.services import answers, questions
from peerqa.services.notifications import list_unread
from tests.conftest import NOON


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)


def test_an_answer_that_both_take_back_is_counted_down_once(session, question, answer, bob):
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    waiting = outbox.count_waiting(session)
    set_committed_value(answer, "deleted_at", None)  # as the second had read it

    answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    session.refresh(question)
    assert question.answer_count == 0
    assert outbox.count_waiting(session) == waiting


def test_a_question_that_both_take_back_goes_once(session, question, alice):
    questions.delete_question(session, question=question, by=alice, at=NOON)
    waiting = outbox.count_waiting(session)
    set_committed_value(question, "deleted_at", None)

    questions.delete_question(session, question=question, by=alice, at=NOON)

    assert outbox.count_waiting(session) == waiting


def test_an_answer_that_was_taken_back_just_now_is_not_accepted(
    session, question, answer, alice, bob
):
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    set_committed_value(answer, "deleted_at", None)

    with pytest.raises(NotFound):
        answers.accept_answer(session, answer=answer, by=alice, at=NOON)

    assert not question.is_solved
    assert list_unread(session, bob) == []


def test_an_answer_that_came_just_now_keeps_the_question(session, question, answer, alice):
    set_committed_value(question, "answer_count", 0)

    with pytest.raises(NotAllowed):
        questions.delete_question(session, question=question, by=alice, at=NOON)


def test_the_acceptance_is_withdrawn_from_what_is_accepted_now(
    session, question, answer, alice, steward
):
    other = answers.post_answer(session, question=question, author=steward, body="Or.", at=NOON)
    answers.accept_answer(session, answer=other, by=alice, at=NOON)
    set_committed_value(question, "accepted_id", answer.id)

    answers.withdraw_acceptance(session, answer=answer, by=alice, at=NOON)

    assert question.accepted_id == other.id


def test_withdrawing_opens_the_question_and_twice_is_once(session, question, answer, alice, bob):
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)

    with pytest.raises(NotAllowed):
        answers.withdraw_acceptance(session, answer=answer, by=bob, at=NOON)
    for _ in range(2):
        answers.withdraw_acceptance(session, answer=answer, by=alice, at=NOON)

    assert not question.is_solved


def test_another_answer_takes_the_place_of_the_accepted_one(
    session, question, answer, alice, steward
):
    other = answers.post_answer(session, question=question, author=steward, body="Or.", at=NOON)
    for one in (answer, other):
        answers.accept_answer(session, answer=one, by=alice, at=NOON)

    assert question.accepted_id == other.id
    assert answers.list_answers(session, question) == [other, answer]


def test_answers_are_listed_by_help_and_then_by_age(session, question, answer, alice, bob):
    second, third = (
        answers.post_answer(session, question=question, author=bob, body=f"{n}", at=NOON)
        for n in range(2)
    )
    third.solved_count = 2
    second.vote_count = 1
    session.flush()

    assert answers.list_answers(session, question) == [third, second, answer]


@pytest.mark.parametrize("body", ["", " \n ", "\x00", "a" * 20_001])
def test_an_answer_that_is_empty_or_too_long_is_refused(session, question, bob, body):
    with pytest.raises(Invalid):
        answers.post_answer(session, question=question, author=bob, body=body, at=NOON)

    session.refresh(question)
    assert question.answer_count == 0


def test_only_the_author_and_stewards_edit_or_take_back(
    session, question, answer, alice, admin, carol, steward
):
    for other in (alice, admin, carol):
        with pytest.raises(NotAllowed):
            answers.edit_answer(session, answer=answer, by=other, body="Mine.", version=1, at=NOON)
        with pytest.raises(NotAllowed):
            answers.delete_answer(session, answer=answer, by=other, at=NOON)
    answers.edit_answer(session, answer=answer, by=steward, body="*Better.*", version=1, at=NOON)

    assert (answer.html, answer.version, answer.edited_at) == (
        "<p><em>Better.</em></p>\n",
        2,
        NOON,
    )
    assert answer.author.name == "Bob Builder"


def test_an_answer_goes_with_its_question(session, question, answer, alice, bob, steward):
    questions.delete_question(session, question=question, by=steward, at=NOON)

    with pytest.raises(NotFound):
        answers.get_answer(session, bob, answer.id)
    with pytest.raises(NotAllowed):
        answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    with pytest.raises(NotAllowed):
        answers.post_answer(session, question=question, author=bob, body="Late.", at=NOON)
