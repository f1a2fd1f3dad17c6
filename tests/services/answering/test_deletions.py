"""Taking back can be undone exactly: by whoever did it for half an hour, by stewards later."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, NotFound
from peerqa.models import Deletion, OutboxRow
from peerqa.services import answers, comments, questions
from peerqa.services.answering.deletions import (
    UNDO_FOR,
    get_deleted,
    list_deleted,
    restore_post,
)
from tests.conftest import NOON

LATER = NOON + UNDO_FOR + timedelta(seconds=1)


@pytest.fixture
def answer(session, question, alice, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    return answer


def restore(session, member, post, *, at=NOON):
    found = get_deleted(session, member, post.id, at=at)
    restore_post(session, post=found, by=member, at=at)


def test_undoing_gives_the_answer_back_with_its_acceptance(session, question, answer, bob):
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert (question.answer_count, question.accepted_id) == (0, None)
    session.execute(OutboxRow.__table__.delete())

    restore(session, bob, answer)

    session.refresh(question)
    assert (question.answer_count, question.accepted_id) == (1, answer.id)
    assert session.scalars(select(OutboxRow.key)).all() == [str(answer.id)]
    assert session.scalars(select(Deletion)).all() == []


def test_another_answer_that_was_accepted_since_stays(session, question, answer, alice, bob):
    other = answers.post_answer(session, question=question, author=bob, body="Two.", at=NOON)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    answers.accept_answer(session, answer=other, by=alice, at=NOON)

    restore(session, bob, answer)

    session.refresh(question)
    assert (question.answer_count, question.accepted_id) == (2, other.id)


def test_after_half_an_hour_a_steward_alone_restores(session, answer, bob, steward):
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    with pytest.raises(NotFound):
        get_deleted(session, bob, answer.id, at=LATER)
    restore(session, steward, answer, at=LATER)
    assert answer.deleted_at is None


def test_an_author_does_not_undo_what_a_steward_did(session, answer, bob, steward):
    answers.delete_answer(session, answer=answer, by=steward, at=NOON)

    with pytest.raises(NotFound):
        get_deleted(session, bob, answer.id, at=NOON)


def test_nobody_else_hears_of_it(session, answer, alice, bob, carol):
    with pytest.raises(NotFound):
        get_deleted(session, bob, answer.id, at=NOON)  # it is not deleted
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    for other in (alice, carol):
        with pytest.raises(NotFound):
            get_deleted(session, other, answer.id, at=NOON)


def test_a_question_comes_back_with_its_answers(session, question, answer, steward):
    questions.delete_question(session, question=question, by=steward, at=NOON)
    session.execute(OutboxRow.__table__.delete())

    restore(session, steward, question, at=LATER)

    asked = session.scalars(select(OutboxRow.key).order_by(OutboxRow.id)).all()
    assert asked == [str(question.id), str(answer.id)]


def test_what_it_stands_under_is_restored_first(session, question, answer, bob, steward):
    remark = comments.post_comment(session, parent=answer, author=bob, body="Yes.", at=NOON)
    comments.delete_comment(session, comment=remark, by=bob, at=NOON)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    with pytest.raises(Conflict, match="Restore what this stands under first"):
        restore(session, bob, remark)
    restore(session, bob, answer)
    restore(session, bob, remark)
    assert remark.deleted_at is None


def test_stewards_find_what_was_taken_back_in_their_space(
    session, question, answer, bob, steward, space, closed_space
):
    remark = comments.post_comment(session, parent=question, author=bob, body="Yes.", at=NOON)
    comments.delete_comment(session, comment=remark, by=bob, at=NOON)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON + timedelta(seconds=1))

    assert [post.id for post in list_deleted(session, space)] == [answer.id, remark.id]
    assert list_deleted(session, closed_space) == []
