import threading

import pytest
from sqlalchemy import func, select, text

from peerqa.app import migrate_empty
from peerqa.database import db, transaction
from peerqa.errors import Invalid, NotFound
from peerqa.models import Member, Membership
from peerqa.models.space import Role
from peerqa.services import members, organizations
from tests.conftest import NOON
from tests.models.conftest import open_app
from tests.postgres import drop_database, postgres_url


def create(session, organization, name="Eve", **more) -> Member:
    return members.create_member(session, organization=organization, name=name, at=NOON, **more)


def test_a_member_has_a_tidy_name_and_address(session, organization):
    eve = create(session, organization, "  Eve \n Example ", email=" Eve@Example.ORG ")

    assert (eve.name, eve.email) == ("Eve Example", "eve@example.org")
    assert (eve.is_admin, eve.is_placeholder, eve.inactive_at) == (False, False, None)
    assert members.find_member_by_email(session, organization, "EVE@example.org ") is eve


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "\x00", "\n"])
def test_a_name_has_from_1_to_200_characters(session, organization, name):
    with pytest.raises(Invalid, match="1 to 200"):
        create(session, organization, name)

    assert create(session, organization, "a" * 200).name == "a" * 200


def test_what_cannot_be_stored_is_left_out_of_a_name(session, organization):
    assert create(session, organization, "E\x00ve \ud800").name == "Eve ?"


@pytest.mark.parametrize(
    "email",
    ["eve", "@example.org", "eve@", "a@b@c", "e v@example.org", "eve@exa\nmple.org", "eve@x,y",
     "<eve@example.org>", "eve@x;y", f"{'a' * 65}@example.org", f"a@{'b' * 191}", "a@\x00b", '"@b'],
)  # fmt: skip
def test_what_is_no_address_is_refused(session, organization, email):
    with pytest.raises(Invalid) as refused:
        create(session, organization, email=email)

    assert refused.value.field == "email"


def test_an_address_is_one_persons_in_an_organization(session, organization, bob, carol):
    with pytest.raises(Invalid, match="already"):
        create(session, organization, email="BOB@example.org")

    assert create(session, carol.organization, email="bob@example.org").id != bob.id


def test_several_have_no_address(session, organization):
    assert {create(session, organization).email for _ in range(3)} == {None}


def test_members_are_found_in_their_own_organization_alone(session, organization, bob, carol):
    assert members.get_member(session, organization.id, bob.id) is bob
    for member_id in (carol.id, 0, 2**31 - 1):
        with pytest.raises(NotFound):
            members.get_member(session, organization.id, member_id)
    assert members.find_member_by_email(session, carol.organization, "bob@example.org") is None
    assert members.find_member_by_email(session, organization, "\x00") is None


def test_joining_twice_is_once_and_the_second_time_decides_the_role(session, bob, space):
    members.join_space(session, member=bob, space=space)
    assert [m.role for m in bob.memberships] == [Role.LEARNER]

    for role in (Role.STEWARD, Role.STEWARD, Role.LEARNER, Role.STEWARD):
        members.join_space(session, member=bob, space=space, role=role)

    session.expire_all()
    assert [(m.space_id, m.role) for m in bob.memberships] == [(space.id, Role.STEWARD)]
    assert session.scalar(select(func.count()).select_from(Membership)) == 1


def test_another_role_in_one_space_leaves_the_others(session, bob, space, closed_space):
    for place in (space, closed_space):
        members.join_space(session, member=bob, space=place)
    members.join_space(session, member=bob, space=space, role=Role.STEWARD)

    assert {m.space_id: m.role for m in bob.memberships} == {
        space.id: Role.STEWARD,
        closed_space.id: Role.LEARNER,
    }


def test_nobody_joins_a_space_of_another_organization(session, carol, space):
    with pytest.raises(NotFound):
        members.join_space(session, member=carol, space=space)

    assert carol.memberships == []


def test_a_department_is_made_once_for_all_who_are_in_it(session, alice, bob, carol):
    mine = members.set_department(session, member=alice, name=" Ware  house ")
    same = members.set_department(session, member=bob, name="Ware house")
    elsewhere = members.set_department(session, member=carol, name="Ware house")

    assert mine is same
    assert mine is not elsewhere
    assert alice.department.name == "Ware house"
    with pytest.raises(Invalid):
        members.set_department(session, member=alice, name=" ")


def test_members_say_something_of_themselves(session, bob):
    members.update_profile(session, member=bob, about="  I know printers.\x00 ")
    session.refresh(bob)
    assert bob.about.strip() == "I know printers."

    with pytest.raises(Invalid, match=r"2,000") as refused:
        members.update_profile(session, member=bob, about="a" * 2001)
    assert refused.value.field == "about"


@pytest.mark.postgresql
def test_of_two_members_with_one_address_at_once_one_is_refused(home):
    """The second has looked and found nobody; the constraint tells it."""
    address = postgres_url()
    app = open_app(home, address)
    migrate_empty(app)
    told = []

    def second() -> None:
        with app.app_context():
            try:
                with transaction() as session:
                    create(session, organizations.get_organization(session), email="eve@x.org")
            except Invalid as refused:
                told.append(str(refused))

    with app.app_context():
        with transaction() as session:
            organizations.make_organization(session, name="Northwind", at=NOON)
        with transaction() as session:
            create(session, organizations.get_organization(session), email="eve@x.org")
            thread = threading.Thread(target=second)
            thread.start()
            _wait_for_a_lock()
        thread.join(60)
        assert db.session.scalar(select(func.count()).select_from(Member)) == 1
        db.engine.dispose()
    drop_database(address)

    assert told == ["Somebody here has this e-mail address already."]


def _wait_for_a_lock() -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(3000):
        with db.engine.connect() as connection:
            if connection.execute(waiting).scalar():
                return
    raise AssertionError("nobody waits")
