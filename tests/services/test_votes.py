import pytest

from peerqa.errors import NotAllowed
from peerqa.models.space import Visibility
from peerqa.services.answers import post_answer
from peerqa.services.votes import list_own_votes, set_vote
from tests.conftest import NOON


def test_a_vote_counts_once_and_is_taken_back_once(session, question, bob):
    changes = [
        set_vote(session, post=question, by=bob, wanted=wanted, at=NOON)
        for wanted in (True, True, False, False, True)
    ]

    assert changes == [True, False, True, False, True]
    assert question.vote_count == 1
    assert list_own_votes(session, bob, [question.id]) == {question.id}


def test_nobody_votes_for_their_own(session, question, alice):
    with pytest.raises(NotAllowed):
        set_vote(session, post=question, by=alice, wanted=True, at=NOON)


def test_an_answer_has_votes_of_its_own(session, question, alice, bob, steward):
    answer = post_answer(session, question=question, author=bob, body="So.", at=NOON)

    for voter in (alice, steward):
        assert set_vote(session, post=answer, by=voter, wanted=True, at=NOON)
    with pytest.raises(NotAllowed):
        set_vote(session, post=answer, by=bob, wanted=True, at=NOON)

    assert (answer.vote_count, question.vote_count) == (2, 0)
    assert list_own_votes(session, alice, [answer.id, question.id]) == {answer.id}
    assert list_own_votes(session, bob, [answer.id]) == set()


def test_imported_votes_stay_when_a_member_takes_theirs_back(session, question, bob):
    question.vote_count = 40
    for wanted in (False, True, False, False):
        set_vote(session, post=question, by=bob, wanted=wanted, at=NOON)

    assert question.vote_count == 40


def test_nobody_votes_for_what_they_may_not_see(session, question, bob, carol):
    with pytest.raises(NotAllowed):
        set_vote(session, post=question, by=carol, wanted=True, at=NOON)
    question.visibility = Visibility.SPACE
    with pytest.raises(NotAllowed):
        set_vote(session, post=question, by=bob, wanted=True, at=NOON)

    assert question.vote_count == 0
