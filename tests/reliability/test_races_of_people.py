"""R4, people: one address, one sign-in, one membership, one confirmation, come what may at once."""

from sqlalchemy import select

from peerqa import identity
from peerqa.database import transaction
from peerqa.errors import Invalid
from peerqa.models import (
    Answer,
    LookUpHit,
    Member,
    Membership,
    Organization,
    SignIn,
    Solved,
    Space,
    Topic,
)
from peerqa.secrets import InstanceKey
from peerqa.services import (
    look_ups,
    members,
    organizations,
    spaces,
    topics,
)
from peerqa.services.look_ups import LookUpSource, ShownHit
from tests.conftest import NOON
from tests.reliability.arena import THREADS, Arena, Stage, count, kinds, load

KEY = InstanceKey(b"k" * 32)


def test_new_topics_are_made_once_in_whatever_order_they_are_named(arena: Arena, stage: Stage):
    names = [f"t{stage.question}-{n}" for n in range(5)]

    def make(session, number: int) -> list[int]:
        space = session.get_one(Space, stage.space)
        wanted = names if number % 2 else names[::-1]
        return [t.id for t in topics.make_topics(session, space.organization_id, wanted)]

    outcomes = arena.race(make)

    assert {frozenset(ids) for ids in outcomes} == {frozenset(outcomes[0])}
    assert count(arena, Topic.name.in_(names)) == len(names)


def test_a_link_signs_in_once(arena: Arena, stage: Stage):
    with arena.app.app_context(), transaction() as session:
        token = identity.make_link(session, load(session, stage.bob), at=NOON, minutes=5)

    outcomes = arena.race(lambda s, _: identity.use_link(s, token, at=NOON).token)

    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert kinds(outcomes)["LinkExpired"] == THREADS - 1
    assert count(arena, SignIn.member_id == stage.bob) == 1


def test_one_person_has_an_address(arena: Arena, stage: Stage):
    email = f"new{stage.question}@example.org"

    def register(session, _number: int) -> int:
        organization = session.get_one(Space, stage.space).organization_id
        return members.create_member(
            session, organization=session.get_one(Organization, organization),
            name="New Person", email=email, at=NOON,
        ).id  # fmt: skip

    outcomes = arena.race(register)

    assert kinds(outcomes)[Invalid.__name__] == THREADS - 1
    assert count(arena, Member.email == email) == 1


def test_organizations_spaces_and_memberships_are_made_once(arena: Arena, stage: Stage):
    def make(session, _number: int) -> tuple[int, int]:
        made = organizations.make_organization(session, name=f"org{stage.question}", at=NOON)
        space = spaces.make_space(session, organization=made, name="New", at=NOON)
        old = session.get_one(Space, stage.space)
        members.join_space(session, member=load(session, stage.bob), space=old)
        return made.id, space.id

    assert len(set(arena.race(make))) == 1
    assert count(arena, Membership.member_id == stage.bob) == 1


def look_up(stage: Stage, member: Member) -> tuple[LookUpSource, ShownHit]:
    source = LookUpSource(member, f"key{stage.question}", "ask", "who comes first")
    return source, ShownHit(stage.question, stage.answer, 0.7, 0.3, 0.9)


def test_solved_without_asking_is_counted_once(arena: Arena, stage: Stage):
    def confirm(session, number: int) -> None:
        source, hit = look_up(stage, load(session, stage.crowd[number // 8]))
        look_ups.record_outcome(
            session, source=source, hit=hit, outcome="confirmed", key=KEY, at=NOON
        )

    arena.race(confirm)

    assert arena.read(lambda s: s.get_one(Answer, stage.answer).solved_count) == 2
    assert count(arena, Solved.question_id == stage.question) == 2


def test_a_weaker_event_never_hides_a_confirmation(arena: Arena, stage: Stage):
    def say(session, number: int) -> None:
        source, hit = look_up(stage, load(session, stage.crowd[0]))
        outcome = "confirmed" if number == 3 else "opened"
        look_ups.record_outcome(session, source=source, hit=hit, outcome=outcome, key=KEY, at=NOON)

    arena.race(say)

    said = select(LookUpHit.outcome).where(LookUpHit.question_id == stage.question)
    assert arena.read(lambda s: s.scalars(said).all()) == ["confirmed"]
