"""What LMS roles make of people: the course decides, unknown is never a teacher."""

import pytest
from sqlalchemy import select

from lti.models import Account, RoleRule
from lti.people import accounts, roles
from lti.people.roles import judge
from peerqa.models.space import Role
from tests.conftest import make_member
from tests.lti.platform import ABSENT, INSTRUCTOR, LEARNER
from tests.lti.test_launches import follow

LIS = "http://purl.imsglobal.org/vocab/lis/v2"
ADMINISTRATOR = f"{LIS}/institution/person#Administrator"


@pytest.mark.parametrize(
    "role",
    [
        f"{LIS}/membership#Administrator",
        f"{LIS}/membership#Instructor",
        f"{LIS}/membership#TeachingAssistant",
        f"{LIS}/membership#ContentDeveloper",
        f"{LIS}/membership/Instructor#TeachingAssistant",
        f"{LIS}/membership/Instructor#PrimaryInstructor",
        f"{LIS}/membership/ContentDeveloper#ContentExpert",
        "Instructor",
        "TeachingAssistant",
        "ContentDeveloper",
        "Administrator",
    ],
)
def test_who_teaches_in_the_course_keeps_its_space(role):
    assert judge([role], {}).role is Role.STEWARD
    assert judge([LEARNER, role], {}).role is Role.STEWARD  # Open edX's assistants


@pytest.mark.parametrize(
    "role",
    [
        f"{LIS}/membership#Learner",
        f"{LIS}/membership#Mentor",
        f"{LIS}/membership#Manager",
        f"{LIS}/membership#Observer",
        f"{LIS}/membership#Grader",
        f"{LIS}/membership#Unknown",
        f"{LIS}/membership/Learner#Instructor",
        f"{LIS}/membership/Instructor#Grader",
        f"{LIS}/membership/Instructor#Unknown",
        f"{LIS}/membership/Mentor#Instructor",
        f"{LIS}/institution/person#Instructor",
        f"{LIS}/institution/person#Faculty",
        f"{LIS}/system/person#Administrator",
        ADMINISTRATOR,
        "https://evil.example/membership#Instructor",
        f"{LIS}/membership#instructor",
        f"{LIS}/membership#Instructor ",
        "instructor",
        "Teacher",
        "urn:lti:role:ims/lis/Instructor",
        "",
    ],
)
def test_everybody_else_is_a_learner(role):
    assert judge([role], {}).role is Role.LEARNER


def test_nobody_with_no_role_is_anything():
    assert judge([], {}) == roles.Standing(Role.LEARNER, is_administrator=False, is_test=False)


def test_an_organizations_own_rules_come_first(session, organization, carol):
    manager = f"{LIS}/membership#Manager"
    for where, role, becomes in (
        (organization, manager, "steward"),
        (organization, "Instructor", "learner"),
        (carol.organization, LEARNER, "steward"),
    ):
        session.add(RoleRule(organization_id=where.id, role=role, becomes=becomes))
    rules = roles.read_rules(session, organization.id)

    assert judge([manager], rules).role is Role.STEWARD
    assert judge(["Manager"], rules).role is Role.STEWARD
    assert judge([INSTRUCTOR], rules).role is Role.LEARNER
    assert judge([LEARNER], rules).role is Role.LEARNER


@pytest.mark.parametrize("is_trusted", [True, False])
def test_an_administrator_of_a_trusted_lms_is_an_admin_and_in_the_course_a_learner(
    platform_side, platform, client, session, is_trusted
):
    platform.trusts_administrators = is_trusted
    session.commit()

    follow(client, platform_side.launch(client, ROLES=[ADMINISTRATOR, LEARNER]))

    member = session.scalars(select(Account)).one().member
    assert member.is_admin is is_trusted
    assert [m.role for m in member.memberships] == ["learner"]


def test_a_later_launch_takes_back_what_a_launch_gave(platform_side, platform, client, session):
    platform.trusts_administrators = True
    session.commit()
    seen = []
    for received in ([ADMINISTRATOR], [], [LEARNER], [ADMINISTRATOR, LEARNER]):
        follow(client, platform_side.launch(client, ROLES=received))
        session.expire_all()
        member = session.scalars(select(Account)).one().member
        if not seen:  # the last admin would be kept
            make_member(session, member.organization, "Second", is_admin=True)
            session.commit()
        seen.append(member.is_admin)

    assert seen == [True, True, False, True]  # no role at all says nothing


def test_no_launch_takes_back_what_a_person_gave(platform_side, platform, client, session):
    follow(client, platform_side.launch(client))
    account = session.scalars(select(Account)).one()
    account.member.is_admin = True
    platform.trusts_administrators = True
    session.commit()

    for received in ([ADMINISTRATOR], [LEARNER]):
        follow(client, platform_side.launch(client, ROLES=received))

    session.expire_all()
    assert account.member.is_admin


def test_the_lms_decides_the_role_in_its_course_at_each_launch(platform_side, client, session):
    seen = []
    for received in ([INSTRUCTOR], [LEARNER]):
        follow(client, platform_side.launch(client, ROLES=received))
        session.expire_all()
        seen.append(session.scalars(select(Account)).one().member.memberships[0].role)

    assert seen == ["steward", "learner"]


def test_a_test_student_is_a_learner(platform_side, client, session):
    follow(client, platform_side.launch(client, ROLES=["Learner"], email=ABSENT, name=ABSENT))

    account = session.scalars(select(Account)).one()
    assert not account.is_test
    assert account.member.name == accounts.nameless(account.platform, "user-1")
