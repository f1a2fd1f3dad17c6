"""R4, registrations of LMSs: of sixteen at once one registers, or takes the invitation."""

from lti.connecting import invitations, registration
from lti.models import Deployment, Platform
from peerqa.database import transaction
from peerqa.models import Member, Organization
from tests.conftest import NOON
from tests.lti.conftest import make_platform
from tests.reliability.arena import THREADS, Arena, Stage, count, kinds


def organization_of(session, stage: Stage) -> Organization:
    return session.get_one(Member, stage.alice).organization


def test_one_of_sixteen_takes_an_invitation(arena: Arena, stage: Stage):
    with arena.app.app_context(), transaction() as session:
        token = invitations.make_invitation(session, organization_of(session, stage), NOON)
    outcomes = arena.race(lambda s, _: invitations.claim_invitation(s, token, NOON).id > 0)

    assert kinds(outcomes) == {True: 1, "InvitationExpired": THREADS - 1}


def test_one_of_sixteen_registers_an_lms(arena: Arena, stage: Stage):
    host = f"lms{stage.alice}.example"
    outcomes = arena.race(lambda s, _: make_platform(s, organization_of(s, stage), host).id > 0)

    assert kinds(outcomes) == {True: 1, "AlreadyRegistered": THREADS - 1}
    assert count(arena, Platform.issuer == f"https://{host}") == 1


def test_a_deployment_that_sixteen_see_first_is_one(arena: Arena, stage: Stage):
    host = f"other{stage.alice}.example"
    arena.race(lambda s, n: n == 0 and make_platform(s, organization_of(s, stage), host).id)
    [platform_id] = arena.read(
        lambda s: [p.id for p in s.query(Platform).filter(Platform.issuer == f"https://{host}")]
    )

    def see(session, _number: int) -> int:
        platform = session.get_one(Platform, platform_id)
        return registration.add_deployment(
            session, platform=platform, deployment_id="1", at=NOON
        ).id

    assert len(set(arena.race(see))) == 1
    assert count(arena, Deployment.platform_id == platform_id) == 1
