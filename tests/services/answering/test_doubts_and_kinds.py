"""No longer right, accepted by a steward, made a comment and an answer again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, Invalid, NotAllowed
from peerqa.models import Answer, Comment, Notification, OutboxRow, Question
from peerqa.services import answers, comments, notifications, votes
from peerqa.services.answering import converting, doubts
from tests.conftest import NOON


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)


def say(session, answer, by, reason="It moved to hall 2."):
    doubts.doubt_answer(session, answer=answer, by=by, reason=reason, at=NOON)


def open_reasons(session, answer):
    return [row.reason for row in doubts.list_doubts(session, [answer.id]).get(answer.id, [])]


def test_a_doubt_is_shown_and_its_author_and_stewards_hear_of_it(
    session, answer, alice, bob, steward, space
):
    say(session, answer, alice)
    say(session, answer, alice, "It is in hall 3.")  # she says it better

    assert open_reasons(session, answer) == ["It is in hall 3."]
    for member in (bob, steward):
        assert [row.reason for row in notifications.list_unread(session, member)] == ["doubted"]
    assert [row.answer_id for row in doubts.list_doubted(session, space)] == [answer.id]


def test_a_steward_settles_it_and_so_does_an_edit(session, answer, alice, bob, steward, space):
    say(session, answer, alice)
    with pytest.raises(NotAllowed):
        doubts.settle_doubts(session, answer=answer, by=alice, at=NOON)
    doubts.settle_doubts(session, answer=answer, by=steward, at=NOON)
    assert open_reasons(session, answer) == []

    say(session, answer, alice)
    answers.edit_answer(session, answer=answer, by=bob, body="Hall 2.", version=1, at=NOON)
    assert open_reasons(session, answer) == []
    assert doubts.list_doubted(session, space) == []


def test_a_doubt_is_taken_back_by_who_had_it(session, answer, alice, bob, steward):
    say(session, answer, alice)
    doubts.withdraw_doubt(session, answer=answer, by=steward, at=NOON)
    assert open_reasons(session, answer) != []
    doubts.withdraw_doubt(session, answer=answer, by=alice, at=NOON)
    assert open_reasons(session, answer) == []


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 301])
def test_a_doubt_needs_a_reason_that_can_be_read(session, answer, alice, reason):
    with pytest.raises(Invalid):
        say(session, answer, alice, reason)


def test_a_steward_accepts_after_a_week(session, question, answer, steward, alice):
    with pytest.raises(NotAllowed, match="has 7 days"):
        answers.accept_answer(session, answer=answer, by=steward, at=NOON + timedelta(days=6))
    answers.accept_answer(session, answer=answer, by=steward, at=NOON + timedelta(days=7))
    assert (question.accepted_id, question.accepted_by_steward) == (answer.id, True)

    answers.withdraw_acceptance(session, answer=answer, by=alice, at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    assert question.accepted_by_steward is False


def test_a_steward_accepts_at_once_where_the_asker_is_gone(session, question, answer, steward):
    question.author.inactive_at = NOON
    answers.accept_answer(session, answer=answer, by=steward, at=NOON)
    assert question.accepted_id == answer.id


def test_an_answer_becomes_a_comment_and_an_answer_again(session, question, answer, alice, bob):
    votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    remark = comments.post_comment(session, parent=answer, author=alice, body="Why?", at=NOON)
    number, below = answer.id, remark.id

    converting.convert_to_comment(session, answer=answer, by=bob, at=NOON)
    session.expire_all()
    made = session.get_one(Comment, number)
    assert (made.parent_id, made.body, question.answer_count) == (question.id, "One.", 0)
    assert session.get_one(Comment, below).parent_id == question.id
    assert session.get(Answer, number) is None

    converting.convert_to_answer(session, comment=made, by=bob, at=NOON)
    session.expire_all()
    again = session.get_one(Answer, number)
    assert (again.question_id, again.vote_count, question.answer_count) == (question.id, 1, 1)
    is_index = (OutboxRow.topic == "index", OutboxRow.key == str(number))
    asked = session.scalars(select(OutboxRow.key).where(*is_index)).all()
    assert len(asked) == 3  # given, out of the index, into it again
    told = select(Notification).where(Notification.reason == "answered")
    assert [row.post_id for row in session.scalars(told)] == [number]


def test_what_solved_it_stays_an_answer(session, question, answer, alice, bob):
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    with pytest.raises(Conflict):
        converting.convert_to_comment(session, answer=answer, by=bob, at=NOON)


def test_a_long_answer_stays_one_and_so_does_somebody_elses(session, question, answer, alice, bob):
    with pytest.raises(NotAllowed):
        converting.convert_to_comment(session, answer=answer, by=alice, at=NOON)
    answers.edit_answer(session, answer=answer, by=bob, body="x" * 1001, version=1, at=NOON)
    with pytest.raises(Invalid):
        converting.convert_to_comment(session, answer=answer, by=bob, at=NOON)
    assert session.get_one(Question, question.id).answer_count == 1
