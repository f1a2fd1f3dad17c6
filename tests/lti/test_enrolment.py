"""Who launches becomes whom: members, names, addresses, courses, departments, tenants."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti.connecting.registration import add_deployment, approve
from lti.models import Account, Context, Enrolment
from lti.models.platform import DeploymentState
from peerqa.models import Member, Space
from peerqa.services import organizations, spaces
from tests.conftest import NOON
from tests.lti.conftest import make_platform
from tests.lti.platform import ABSENT, INSTRUCTOR, LEARNER, FakePlatform
from tests.lti.test_launches import follow


@pytest.fixture
def come(platform_side, client, session):
    """Return a function that launches and gives the account."""

    def launch(**said) -> Account:
        follow(client, platform_side.launch(client, **said))
        session.expire_all()
        subject = said.get("sub", "user-1")
        return session.scalars(select(Account).where(Account.subject == subject)).one()

    return launch


def test_a_name_that_comes_later_replaces_a_made_up_one(come):
    made_up = come(name=ABSENT).member.name
    assert made_up.startswith("Member ")
    assert len(made_up) == len("Member 7f3a")
    assert come(name=ABSENT).member.name == made_up
    assert come(name="Lena").member.name == "Lena"
    assert come(name="Lena Müller").member.name == "Lena Müller"
    assert come(name=ABSENT).member.name == "Lena Müller"


def test_a_name_from_one_of_two_lmss_does_not_replace_the_others(
    come, session, organization, outgoing, client
):
    member = come(name="Lena").member
    second = make_platform(session, organization, "canvas.example")
    add_deployment(
        session, platform=second, deployment_id="1", at=NOON, state=DeploymentState.APPROVED
    )
    session.add(
        Account(
            platform=second,
            organization_id=organization.id,
            subject="x",
            member=member,
            created_at=NOON,
        )
    )
    session.commit()

    follow(client, FakePlatform(second, outgoing).launch(client, sub="x", name="lena@canvas"))

    session.expire_all()
    assert member.name == "Lena"


def test_an_address_is_taken_over_unless_somebody_has_it(come, alice, session):
    session.commit()
    account = come(email="LENA@Example.org")
    assert account.member.email == "lena@example.org"
    assert come(email="new@example.org").member.email == "new@example.org"
    assert come(email=alice.email).member.email == "new@example.org"
    assert come(email=ABSENT).member.email == "new@example.org"


def test_an_address_that_the_lms_has_not_verified_is_not_taken_over(come):
    assert come(email_verified=False).member.email is None
    assert come(email_verified=True).member.email == "lena@example.org"


def test_subjects_are_told_apart_by_case(come, session):
    come(sub="User")
    come(sub="user", email=ABSENT)

    assert len(session.scalars(select(Account)).all()) == 2


def test_one_registration_may_serve_two_organizations(
    come, platform, platform_side, session, client
):
    """One Canvas issuer serves many companies: the deployment decides, and nothing crosses."""
    first = come().member
    elsewhere = organizations.make_organization(session, name="Other firm", at=NOON)
    second = add_deployment(session, platform=platform, deployment_id="2", at=NOON)
    approve(session, second, NOON, into=elsewhere)
    session.commit()

    follow(client, platform_side.launch(client, DEPLOYMENT="2"))

    other = session.scalars(select(Account).where(Account.organization_id == elsewhere.id)).one()
    assert other.member is not first
    assert other.member.organization_id == elsewhere.id
    assert other.member.email == first.email
    assert {space.organization_id for space in session.scalars(select(Space))} == {
        first.organization_id, elsewhere.id,
    }  # fmt: skip


def test_whom_a_roster_made_inactive_is_back_with_a_launch(come, session):
    account = come()
    left_at = NOON + timedelta(days=1)
    account.member.inactive_at = left_at
    session.scalars(select(Enrolment)).one().left_at = left_at
    session.commit()

    assert come().member.inactive_at is None
    assert session.scalars(select(Enrolment)).one().left_at is None


def test_who_is_suspended_reads_why_instead_of_coming_in(come, session, platform_side, client):
    account = come()
    account.member.suspended_at, account.member.suspended_why = NOON, "You hurt <somebody>."
    session.commit()

    refused = platform_side.launch(client)

    assert refused.status_code == 403
    assert "You hurt &lt;somebody&gt;." in refused.text
    account.member.suspended_until = NOON
    session.commit()
    assert platform_side.launch(client).status_code == 303, "it ends by itself"


def test_whom_an_admin_made_inactive_stays_so(come, session, platform_side, client):
    account = come()
    account.member.inactive_at = NOON + timedelta(days=2)
    session.scalars(select(Enrolment)).one().left_at = NOON + timedelta(days=1)
    session.commit()

    refused = platform_side.launch(client)

    assert refused.status_code == 403
    assert "was closed" in refused.text


def test_a_renamed_course_renames_its_space_until_somebody_else_has(come, session):
    def name_of(title: str) -> str:
        come(CONTEXT={"id": "c", "title": title})
        return session.scalars(select(Context)).one().space.name

    assert name_of("Brakes") == "Brakes"
    assert name_of("Brakes 2") == "Brakes 2"
    session.scalars(select(Context)).one().space.name = "The brake people"
    session.commit()
    assert name_of("Brakes 3") == "The brake people"
    assert session.scalars(select(Context)).one().title == "Brakes 3"


def test_a_course_never_takes_over_a_space_of_its_name(come, session, organization):
    old = spaces.make_space(session, organization=organization, name="Brakes", at=NOON)
    session.commit()

    come(CONTEXT={"id": "c", "title": "Brakes"})
    context = session.scalars(select(Context)).one()
    assert context.space is not old
    assert context.space.name == "Brakes (2)"
    come(CONTEXT={"id": "c", "title": "Lights"})
    come(CONTEXT={"id": "c", "title": "Brakes"})

    session.expire_all()
    assert context.space.name == "Brakes (2)"


@pytest.mark.parametrize(
    ("title", "name"), [("", "Course"), ("$Context.title", "Course"), (" a\n b ", "a b"),
                        ("x" * 300, "x" * 190 + "…")],
)  # fmt: skip
def test_odd_titles_become_names(come, session, title, name):
    come(CONTEXT={"id": "c", "title": title})

    assert session.scalars(select(Space)).one().name == name


def test_the_department_comes_from_the_parameter_that_the_admin_named(come, platform, session):
    platform.department_parameter = "unit"
    session.commit()

    assert come(CUSTOM={"unit": " Paint  shop "}).member.department.name == "Paint shop"
    assert come(CUSTOM={"unit": "$Person.unit"}).member.department.name == "Paint shop"
    assert come(CUSTOM={}).member.department.name == "Paint shop"


def test_services_are_kept_with_the_course(come, session):
    scopes = ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]
    come(
        ROSTER={"context_memberships_url": "https://moodle.example/roster"},
        GRADES={"scope": scopes, "lineitems": "https://moodle.example/items"},
    )
    come()

    context = session.scalars(select(Context)).one()
    assert context.roster_url == "https://moodle.example/roster"
    assert context.line_items_url == "https://moodle.example/items"
    assert context.grade_scopes == scopes
    assert context.roster_due_at is not None


def test_courses_that_share_a_space_give_the_role_that_may_most(come, session):
    come(CONTEXT={"id": "one", "title": "One"}, ROLES=[INSTRUCTOR])
    come(CONTEXT={"id": "two", "title": "Two"}, ROLES=[LEARNER])
    one, two = session.scalars(select(Context).order_by(Context.id)).all()
    two.space_id = one.space_id
    session.commit()

    account = come(CONTEXT={"id": "two", "title": "Two"}, ROLES=[LEARNER])

    roles = {m.space_id: m.role for m in account.member.memberships}
    assert roles[one.space_id] == "steward"


def test_nobody_is_found_by_name(come, session):
    come(sub="a", email=ABSENT)
    come(sub="b", email=ABSENT)

    assert len(session.scalars(select(Member).where(Member.name == "Lena Learner")).all()) == 2


def test_the_language_of_the_lms_is_the_members_until_it_says_another(come):
    said = ["de-AT", "tlh", "en_GB"]

    heard = [come(PRESENTATION={"locale": tag}).member.launch_language for tag in said]

    assert heard == ["de", "de", "en"]
