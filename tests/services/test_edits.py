"""Edits as a request makes them: of posts that were read together with their authors."""

import pytest
from sqlalchemy.orm import Session

from peerqa.models import Member
from peerqa.services import answers, questions
from peerqa.services.posts import EditConflict
from tests.conftest import NOON


def begin_anew(session: Session, member: Member) -> Member:
    """Forget everything that was loaded; returns the member as a request loads it."""
    session.commit()
    member_id = member.id
    session.expunge_all()
    return session.get_one(Member, member_id)


def test_of_two_edits_from_one_text_the_second_is_told_the_present_one(
    session, question, alice, bob
):
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    bob = begin_anew(session, bob)

    read = answers.get_answer(session, bob, answer.id)
    answers.edit_answer(session, answer=read, by=bob, body="Two.", version=1, at=NOON)
    with pytest.raises(EditConflict) as conflict:
        answers.edit_answer(session, answer=read, by=bob, body="Three.", version=1, at=NOON)

    assert (conflict.value.present.version, conflict.value.present.body) == (2, "Two.")


def test_a_question_that_was_read_with_all_its_parts_is_edited(session, question, alice):
    alice = begin_anew(session, alice)

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
