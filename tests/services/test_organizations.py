import pytest
from sqlalchemy import select

from peerqa.errors import Invalid, NotFound
from peerqa.models import IndexRevision
from peerqa.services import organizations
from peerqa.services.organizations import SeveralOrganizations, get_organization
from tests.conftest import NOON


def make(session, name: str, **more):
    return organizations.make_organization(session, name=name, at=NOON, **more)


def test_an_organization_is_made_once_with_the_counter_of_its_index(session):
    first = make(session, " North  wind ")
    again = make(session, "North wind", is_demo=True)

    assert first is again
    assert (again.language, again.precision_target, again.is_demo) == ("en", 0.8, False)
    assert session.scalars(select(IndexRevision.organization_id)).all() == [first.id]


@pytest.mark.parametrize("name", ["", " ", "\x00", "a" * 201])
def test_an_organization_needs_a_name(session, name):
    with pytest.raises(Invalid):
        make(session, name)


def test_the_only_one_needs_not_be_named(session):
    made = make(session, "Northwind")

    assert get_organization(session) is made


def test_without_any_one_is_told_how_to_make_one(session):
    with pytest.raises(NotFound, match="peerqa admin create"):
        get_organization(session)


def test_of_several_one_must_be_named(session):
    first, second = make(session, "Northwind"), make(session, "Contoso")

    with pytest.raises(SeveralOrganizations, match="name one"):
        get_organization(session)
    assert get_organization(session, "Contoso") is second
    assert list(organizations.list_organizations(session)) == [first, second]


@pytest.mark.parametrize(
    "name", ["Nobody", "", "northwind", "100 %s", "Northwind\x00s"], ids=range(5)
)
def test_a_name_that_nobody_has_is_told_in_the_sentence(session, name):
    make(session, "Northwind")

    with pytest.raises(NotFound) as refused:
        get_organization(session, name)

    assert name in str(refused.value)
