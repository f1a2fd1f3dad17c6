from datetime import timedelta

import pytest

from peerqa import identity, tokens
from peerqa.clock import utc_now
from peerqa.models import Member, Organization
from peerqa.services import members, organizations
from peerqa.services.spaces import list_spaces

CREATE = ("admin", "create", "--organization", "Acme", "--email", "Ada@Acme.example", "--json")


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def test_the_first_admin_gets_an_organization_a_space_and_a_link(peerqa, session):
    made = peerqa(*CREATE).json

    link = identity.find_link(session, token_of(made["link"]), at=utc_now())
    assert link.member.email == "ada@acme.example"
    assert link.member.name == "Ada"
    assert link.member.is_admin
    assert link.member.organization.name == made["organization"] == "Acme"
    assert [space.name for space in list_spaces(session, link.member)] == ["Ask a colleague"]


def test_a_second_time_only_the_link_is_new(peerqa, session):
    first, second = peerqa(*CREATE).json, peerqa(*CREATE).json

    assert first["member"] == second["member"]
    assert first["link"] != second["link"]
    assert session.query(Organization).count() == session.query(Member).count() == 1


def test_a_person_reads_nothing_but_the_link(peerqa):
    said = peerqa(*CREATE[:-1]).said

    assert said.startswith("http://localhost:8000/sign-in/")
    assert len(said.splitlines()) == 1


def test_a_member_gets_a_link_without_becoming_admin(peerqa, session, bob):
    made = peerqa("admin", "link", "--email", bob.email, "--json").json

    assert identity.find_link(session, token_of(made["link"]), at=utc_now()).member.id == bob.id
    assert not bob.is_admin


@pytest.mark.parametrize("command", [("admin", "link"), ("token", "create", "--name", "test")])
def test_somebody_unknown_is_refused_by_name(peerqa, bob, command):
    ran = peerqa(*command, "--email", "who@example.org")

    assert (ran.status, ran.said) == (1, "")
    assert ran.noted == "Nobody in Northwind has the address who@example.org.\n"


def test_with_several_organizations_one_must_be_named(peerqa, bob, carol):
    assert peerqa("admin", "link", "--email", bob.email, "--json").json["error"]["code"] == (
        "several-organizations"
    )
    assert peerqa(
        "admin", "link", "--email", bob.email, "--organization", "Northwind"
    ).status == 0  # fmt: skip


def test_somebody_who_has_left_gets_no_link(peerqa, session, bob):
    bob.inactive_at = utc_now()

    assert peerqa("admin", "link", "--email", bob.email).status == 1


def test_a_token_acts_as_its_member_until_it_ends(peerqa, session, bob):
    made = peerqa("token", "create", "--email", bob.email, "--name", "CI", "--days", "7", "--json")

    token = made.json["token"]
    assert tokens.find_member_by_token(session, token, at=utc_now()).id == bob.id
    later = utc_now() + timedelta(days=8)
    assert tokens.find_member_by_token(session, token, at=later) is None


def test_links_lead_to_the_public_address(peerqa, app, monkeypatch):
    settings = app.extensions["peerqa.settings"]
    public = settings.model_copy(update={"public_url": "https://ask.example.org/"})
    monkeypatch.setitem(app.extensions, "peerqa.settings", public)

    assert peerqa(*CREATE).json["link"].startswith("https://ask.example.org/sign-in/")


def test_an_organization_without_people_is_left_as_it_is(peerqa, session):
    made = organizations.make_organization(session, name="Acme", at=utc_now())
    peerqa(*CREATE)

    assert members.find_member_by_email(session, made, "ada@acme.example").organization is made
