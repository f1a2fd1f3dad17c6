"""Members as admins look after them."""

import pytest
from sqlalchemy import select

from peerqa import identity
from peerqa.errors import Conflict, Invalid, NotAllowed
from peerqa.models import OutboxRow
from peerqa.models.moderating.audit import AuditEntry
from peerqa.models.space import Role
from peerqa.services import members
from peerqa.services.admin import directory, people
from peerqa.services.admin.directory import Which
from peerqa.services.admin.people import INVITATION_MAIL
from peerqa.services.admin.sources import Sources
from peerqa.services.moderating import suspensions
from tests.conftest import NOON, make_member

HERE = {"sources": Sources(), "at": NOON}


def names(session, reader, **wanted) -> list[str]:
    return [row.member.name for row in directory.list_people(session, reader, **wanted).rows]


def test_members_are_listed_by_name_in_pages_and_nobody_elses(
    session, organization, admin, alice, bob, carol
):
    for name in ("a" * 200, "עינת לוי", "bob builder's twin"):
        members.create_member(session, organization=organization, name=name, at=NOON)
    found, after = [], None
    while True:
        page = directory.list_people(session, admin, after=after, limit=2)
        found += [row.member.name for row in page.rows]
        if (after := page.next_id) is None:
            break

    assert len(found) == len(set(found)) == 6
    assert sorted(found) == sorted(names(session, admin))
    assert found.index("Bob Builder") < found.index("bob builder's twin")
    assert "Carol Foreign" not in found
    assert names(session, admin, after=carol.id) == []


def test_somebody_is_found_by_a_part_of_name_address_or_department(
    session, organization, admin, alice, bob
):
    members.set_department(session, member=alice, name="Großlager")
    members.create_member(session, organization=organization, name="100% Übung", at=NOON)

    assert names(session, admin, typed="uild") == ["Bob Builder"]
    assert names(session, admin, typed="BOB@example") == ["Bob Builder"]
    assert names(session, admin, typed="großl") == ["Alice Asker"]
    assert names(session, admin, typed="%") == names(session, admin, typed="übung")
    assert names(session, admin, typed="nobody") == []
    assert names(session, admin, which=Which.ADMINS) == ["Ada Admin"]


def test_who_keeps_a_closed_space_is_not_told(session, admin, bob, steward, closed_space):
    members.join_space(session, member=bob, space=closed_space, role=Role.STEWARD)

    assert names(session, admin, which=Which.STEWARDS) == ["Sam Steward"]
    rows = {row.member.name: row.keeps_count for row in directory.list_people(session, admin).rows}
    assert (rows["Bob Builder"], rows["Sam Steward"]) == (0, 1)
    assert directory.list_spaces_of(session, admin, bob) == []


def test_an_admin_makes_an_admin_and_never_takes_the_role_from_the_last(session, admin, bob):
    def say(member, wanted, by):
        people.set_admin(session, member=member, wanted=wanted, by=by, **HERE)

    with pytest.raises(Conflict, match="the only admin"):
        say(admin, False, admin)
    with pytest.raises(Conflict, match="shut yourself out"):
        people.deactivate(session, member=admin, by=admin, at=NOON)
    for _ in range(2):
        say(bob, True, admin)
    say(admin, False, bob)

    assert (admin.is_admin, bob.is_admin) == (False, True)
    acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["admin.given", "admin.taken"]
    with pytest.raises(NotAllowed):
        say(admin, True, admin)
    with pytest.raises(Conflict, match="the only admin"):
        say(bob, False, bob)


def test_what_the_lms_decides_is_not_changed_here(session, admin, bob, space):
    class Lms(Sources):
        def is_admin(self, _session, member_id):
            return member_id == bob.id

        def spaces_of(self, _session, _member_id):
            return frozenset({space.id})

    bob.is_admin = True
    with pytest.raises(Conflict, match="Take the role away there"):
        people.set_admin(session, member=bob, wanted=False, by=admin, sources=Lms(), at=NOON)
    for role in (Role.STEWARD, None):
        with pytest.raises(Conflict, match="in the course there"):
            people.set_space_role(
                session, member=bob, space=space, role=role, by=admin, sources=Lms(), at=NOON
            )
    assert bob.is_admin
    assert bob.memberships == []


def test_roles_in_a_space_are_given_by_its_stewards_and_by_admins_who_see_it(
    session, organization, admin, steward, alice, bob, carol, space, closed_space
):
    def say(member, place, role, by):
        people.set_space_role(session, member=member, space=place, role=role, by=by, **HERE)

    say(bob, space, Role.STEWARD, admin)
    say(bob, space, Role.LEARNER, steward)
    assert [(m.space_id, m.role) for m in bob.memberships] == [(space.id, Role.LEARNER)]
    say(bob, space, None, admin)
    say(bob, space, None, admin)
    assert bob.memberships == []
    for member, place, by in (
        (bob, space, alice),
        (bob, closed_space, admin),
        (carol, space, admin),
    ):
        with pytest.raises(NotAllowed):
            say(member, place, Role.LEARNER, by)


def test_who_is_let_in_no_more_is_signed_out_and_may_come_back(session, admin, bob):
    made = identity.sign_in(session, bob, at=NOON)
    identity.make_link(session, bob, at=NOON, minutes=60)

    for _ in range(2):
        people.deactivate(session, member=bob, by=admin, at=NOON)
    assert identity.find_sign_in(session, made.token, at=NOON, days=30) is None
    assert names(session, admin, which=Which.GONE) == ["Bob Builder"]
    for act in (
        lambda: people.set_admin(session, member=bob, wanted=True, by=admin, **HERE),
        lambda: people.invite_again(session, member=bob, by=admin, at=NOON),
    ):
        with pytest.raises(Conflict, match="has left"):
            act()

    people.reactivate(session, member=bob, by=admin, at=NOON)
    assert bob.inactive_at is None
    assert identity.find_sign_in(session, made.token, at=NOON, days=30) is None


def test_a_closed_space_keeps_a_steward_who_can_act_there(session, admin, alice, bob, closed_space):
    for member in (alice, bob):
        members.join_space(session, member=member, space=closed_space, role=Role.STEWARD)

    def suspend(member):
        suspensions.suspend(session, member=member, by=admin, why="Rude.", until=None, at=NOON)

    suspend(alice)
    refused = []
    for act in (
        lambda: people.deactivate(session, member=bob, by=admin, at=NOON),
        lambda: suspend(bob),
        lambda: people.set_space_role(
            session, member=bob, space=closed_space, role=None, by=bob, **HERE
        ),
    ):
        with pytest.raises(Conflict, match="the only steward") as told:
            act()
        refused.append(told.value.context)
    assert [closed_space.name in context.values() for context in refused] == [False, False, True]

    suspensions.lift(session, member=alice, by=admin, at=NOON)
    people.deactivate(session, member=bob, by=admin, at=NOON)
    assert bob.inactive_at == NOON


def test_an_invitation_makes_a_member_and_asks_for_one_mail(session, admin, bob, carol):
    made = people.invite(session, name=" ", email="Eve.Ex@Example.org", by=admin, at=NOON)

    assert (made.name, made.email, made.is_admin) == ("eve.ex", "eve.ex@example.org", False)
    asked = session.scalars(select(OutboxRow.key).where(OutboxRow.topic == INVITATION_MAIL))
    assert asked.all() == [str(made.id)]
    for name, email in (("Eve", "eve.ex@example.org"), ("Eve", "no address"), ("\u200b", "b@x.y"),
                        ("e" * 300, "b@x.y")):  # fmt: skip
        with pytest.raises(Invalid):
            people.invite(session, name=name, email=email, by=admin, at=NOON)
    with pytest.raises(NotAllowed):
        people.invite(session, name="Eve", email="b@x.y", by=bob, at=NOON)
    with pytest.raises(NotAllowed):
        people.invite_again(session, member=carol, by=admin, at=NOON)


def test_a_placeholder_of_an_import_gets_no_role_and_no_mail(session, organization, admin, space):
    ghost = make_member(session, organization, "Gus Ghost", is_placeholder=True)

    for act in (
        lambda: people.set_admin(session, member=ghost, wanted=True, by=admin, **HERE),
        lambda: people.invite_again(session, member=ghost, by=admin, at=NOON),
        lambda: people.set_space_role(
            session,
            member=ghost,
            space=space,
            role=Role.STEWARD,
            by=admin,
            **HERE,
        ),
    ):
        with pytest.raises(Conflict, match="import"):
            act()
    assert names(session, admin, which=Which.IMPORTED) == ["Gus Ghost"]
