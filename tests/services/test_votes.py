import pytest

from peerqa.errors import NotAllowed
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
