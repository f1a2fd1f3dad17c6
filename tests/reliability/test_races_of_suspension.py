"""R4: two admins who suspend each other take turns, and one of them stays."""

from peerqa.models import Member
from peerqa.services.moderating.kept_out import is_suspended
from peerqa.services.moderating.suspensions import Suspended, suspend
from tests.conftest import NOON
from tests.reliability.arena import Arena, Stage, kinds, load

WHY = "You insulted Bob."


def test_of_two_admins_who_suspend_each_other_one_stays(arena: Arena, stage: Stage):
    def promote(session):
        for member_id in (stage.alice, stage.bob):
            load(session, member_id).is_admin = True
        session.commit()

    arena.read(promote)

    def act(session, number: int) -> bool:
        by, member = (stage.alice, stage.bob) if number % 2 else (stage.bob, stage.alice)
        suspend(session, member=load(session, member), by=load(session, by), why=WHY,
                until=None, at=NOON)  # fmt: skip
        return True

    outcomes = kinds(arena.race(act))

    assert set(outcomes) == {True, Suspended.__name__}
    both = (stage.alice, stage.bob)
    free = arena.read(lambda s: [not is_suspended(s.get_one(Member, m), at=NOON) for m in both])
    assert sorted(free) == [False, True]
