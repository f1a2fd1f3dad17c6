"""R4, people: two accounts that are joined in both directions at once become one, once."""

from peerqa.models import Member, Post, Vote
from peerqa.secrets import InstanceKey
from peerqa.services import merging, votes
from tests.conftest import NOON
from tests.reliability.arena import THREADS, Arena, Stage, count, kinds, load

KEY = InstanceKey(b"k" * 32)


def test_of_many_that_join_two_accounts_one_does(arena: Arena, stage: Stage):
    pair = (stage.bob, stage.crowd[0])

    def join(session, number: int) -> bool:
        kept, emptied = pair if number % 2 else reversed(pair)
        merging.merge(
            session, kept=load(session, kept), emptied=load(session, emptied), key=KEY, at=NOON
        )
        return True

    outcomes = kinds(arena.race(join))

    assert outcomes == {True: 1, "CodeRefused": THREADS - 1}
    assert count(arena, Member.id.in_(pair), Member.inactive_at.is_(None)) == 1


def test_who_writes_and_votes_while_joining_loses_nothing(arena: Arena, stage: Stage):
    kept, emptied = stage.crowd[0], stage.crowd[1]

    def act(session, number: int) -> str:
        if number == 0:
            merging.merge(
                session, kept=load(session, kept), emptied=load(session, emptied), key=KEY, at=NOON
            )
            return "joined"
        voter = stage.crowd[number]
        answer = session.get_one(Post, stage.answer)
        votes.set_vote(session, post=answer, by=load(session, voter), wanted=True, at=NOON)
        return "voted"

    arena.race(act)

    counted = arena.read(lambda s: s.get_one(Post, stage.answer).vote_count)
    assert counted == count(arena, Vote.post_id == stage.answer)
    assert counted in {THREADS - 1, THREADS - 2}
