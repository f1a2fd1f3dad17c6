import pytest

from peerqa.errors import Invalid, NotFound
from peerqa.models.space import Visibility
from peerqa.services import members, spaces
from tests.conftest import NOON


def test_a_space_is_made_once_and_stays_as_it_is(session, organization):
    first = spaces.make_space(
        session, organization=organization, name=" Ware  house ", description="Pallets", at=NOON,
        visibility=Visibility.SPACE,
    )  # fmt: skip
    again = spaces.make_space(session, organization=organization, name="Ware house", at=NOON)

    assert first is again
    assert (again.name, again.description) == ("Ware house", "Pallets")
    assert again.visibility == Visibility.SPACE


def test_a_space_needs_a_name(session, organization):
    with pytest.raises(Invalid):
        spaces.make_space(session, organization=organization, name=" ", at=NOON)


def test_two_organizations_have_spaces_of_one_name(session, space, carol):
    there = spaces.make_space(session, organization=carol.organization, name=space.name, at=NOON)

    assert there is not space
    assert [s.id for s in spaces.list_spaces(session, carol)] == [there.id]


def test_an_open_space_is_everybodys_in_the_organization(session, space, bob, carol):
    assert spaces.get_space(session, bob, space.id) is space
    with pytest.raises(NotFound):
        spaces.get_space(session, carol, space.id)


def test_a_closed_space_is_its_members_alone(session, space, closed_space, bob, admin, carol):
    for outsider in (bob, admin, carol):
        with pytest.raises(NotFound):
            spaces.get_space(session, outsider, closed_space.id)
    assert list(spaces.list_spaces(session, admin)) == [space]

    members.join_space(session, member=bob, space=closed_space)

    assert spaces.get_space(session, bob, closed_space.id) is closed_space
    assert [s.name for s in spaces.list_spaces(session, bob)] == ["Pay", "Workshop"]


def test_a_space_that_is_not_there_looks_like_one_that_is_closed(session, bob, closed_space):
    said = []
    for space_id in (closed_space.id, 2**31 - 1, 0):
        with pytest.raises(NotFound) as refused:
            spaces.get_space(session, bob, space_id)
        said.append(str(refused.value))

    assert len(set(said)) == 1
