"""S9, R4: of many that act at once each has its own place in the chain, and the chain is whole."""

from peerqa.models import Member
from peerqa.services import audit
from peerqa.services.moderating.audit_trail import verify
from tests.conftest import NOON
from tests.reliability.arena import THREADS, Arena, Stage, kinds, load


def test_acts_at_once_make_one_chain(arena: Arena, stage: Stage):
    def act(session, number: int) -> bool:
        member = load(session, stage.crowd[number])
        audit.record(session, "token.created", by=member, thing=member, at=NOON)
        audit.record(session, "role.rules", by=member, at=NOON, number=number)
        return True

    assert kinds(arena.race(act)) == {True: THREADS}

    def look(session):
        return verify(session, session.get_one(Member, stage.alice).organization)

    verdict = arena.read(look)
    assert (verdict.broken, verdict.count) == (None, 2 * THREADS)
